import Dispatch
import Glibc

/// One keep-alive connection, with one request under way at a time.
struct KeptConnection {
    let descriptor: Int32
    var sentAtNs: UInt64 = 0
    private var received: [UInt8] = []
    private var buffer = [UInt8](repeating: 0, count: 16_384)

    init(port: Int) throws {
        descriptor = try LoopbackSocket.connected(to: port)
    }

    mutating func send(_ bytes: [UInt8]) {
        sentAtNs = DispatchTime.now().uptimeNanoseconds
        // Requests are far smaller than a socket's buffer: they never block.
        _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    /// The status once the answer is complete.
    mutating func receive() throws -> Int? {
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count > 0 else { throw BenchFailure("the server closed a connection under load") }
        received += buffer[..<count]
        guard let head = endOfHead(), received.count >= head + contentLength(before: head) else { return nil }
        let status = received[9..<12].reduce(0) { $0 * 10 + Int($1) - 48 }
        received.removeAll(keepingCapacity: true)
        return status
    }

    private func endOfHead() -> Int? {
        guard received.count >= 4 else { return nil }
        for index in 3..<received.count where received[index] == 10 && received[index - 2] == 10 { return index + 1 }
        return nil
    }

    private func contentLength(before end: Int) -> Int {
        let name = Array("content-length: ".utf8)
        var index = 0
        while index + name.count < end {
            if received[index] == name[0], received[index..<(index + name.count)].elementsEqual(name) {
                return received[(index + name.count)..<end].prefix { $0 >= 48 && $0 <= 57 }
                    .reduce(0) { $0 * 10 + Int($1) - 48 }
            }
            index += 1
        }
        return 0
    }
}
