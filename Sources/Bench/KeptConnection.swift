import Glibc
import Measuring

/// One keep-alive connection, with one request under way at a time.
struct KeptConnection {
    let descriptor: Int32
    private(set) var sentAtNs: UInt64 = 0
    private var reader = AnswerReader()

    init(port: Int) throws {
        descriptor = try LoopbackSocket.connected(to: port)
    }

    mutating func send(_ bytes: Slice<UnsafeRawBufferPointer>, atNs: UInt64) throws {
        sentAtNs = atNs
        // Requests are far smaller than a socket's buffer: they never block.
        let request = UnsafeRawBufferPointer(rebasing: bytes)
        guard Glibc.send(descriptor, request.baseAddress, request.count, Int32(MSG_NOSIGNAL)) == request.count else {
            throw Self.closed
        }
    }

    /// The status once the answer is complete. The buffer is of no use afterwards: all connections share one, so that
    /// it stays in the processor's cache.
    mutating func receive(into buffer: UnsafeMutableRawBufferPointer) throws -> Int? {
        let count = recv(descriptor, buffer.baseAddress, buffer.count, Int32(MSG_DONTWAIT))
        guard count > 0 else {
            if count < 0, errno == EAGAIN || errno == EINTR { return nil }
            throw Self.closed
        }
        switch reader.take(UnsafeRawBufferPointer(rebasing: buffer[..<count])) {
        case .incomplete: return nil
        case .complete(let status): return status
        case .unreadable: throw BenchFailure("the server's answer cannot be read")
        }
    }

    static let closed = BenchFailure("the server closed a connection under load")
    static let bufferBytes = 65_536
}
