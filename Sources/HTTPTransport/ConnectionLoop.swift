import Dispatch
import HTTPWire
import Synchronization

/// A serial queue with the connections that live on it. Everything of a connection happens here.
///
/// `@unchecked Sendable`: `connections`, `buffer` and `plaintext` are touched on `queue` only; `ready` is inside its
/// mutex.
final class ConnectionLoop: @unchecked Sendable {
    let queue: DispatchQueue
    /// What the connections of this loop read into, one after the other.
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)
    /// The same for what TLS makes of it.
    let plaintext = UnsafeMutableRawBufferPointer.allocate(byteCount: 16 << 10, alignment: 16)
    private var connections: [ObjectIdentifier: Connection] = [:]
    private let ready = Mutex([Handed]())
    private var timer: (any DispatchSourceTimer)?

    /// Something for the client, from another thread.
    enum Outgoing: Sendable {
        case reply(HTTPReply)
        case stream(HTTPReply, StreamStart)
        case piece([UInt8])
        case endOfStream
    }

    private struct Handed: Sendable {
        let connection: Connection
        let request: Int
        let outgoing: Outgoing
    }

    init(index: Int) {
        queue = DispatchQueue(label: "reprise.http.\(index)", qos: .userInitiated)
    }

    deinit {
        buffer.deallocate()
        plaintext.deallocate()
    }

    func startTimer() {
        queue.async { [self] in
            let timer = DispatchSource.makeTimerSource(queue: queue)
            timer.schedule(deadline: .now() + 1, repeating: 1, leeway: .milliseconds(200))
            timer.setEventHandler { [weak self] in self?.checkTimeouts() }
            timer.resume()
            self.timer = timer
        }
    }

    func stopTimer() {
        queue.async { [self] in
            timer?.cancel()
            timer = nil
        }
    }

    // MARK: On the queue

    func add(_ connection: Connection) { connections[ObjectIdentifier(connection)] = connection }

    func remove(_ connection: Connection) { connections[ObjectIdentifier(connection)] = nil }

    func drain() { for connection in connections.values { connection.drain() } }

    func closeAll() { for connection in connections.values { connection.end() } }

    private func checkTimeouts() {
        let nowNs = DispatchTime.now().uptimeNanoseconds
        for connection in connections.values { connection.checkTimeout(nowNs: nowNs) }
    }

    // MARK: On any thread

    /// Hands a reply to its connection. Many replies that are ready together cost one hop.
    func hand(_ outgoing: Outgoing, to connection: Connection, request: Int) {
        let isFirst = ready.withLock { ready in
            ready.append(Handed(connection: connection, request: request, outgoing: outgoing))
            return ready.count == 1
        }
        if isFirst { queue.async { [self] in takeReady() } }
    }

    private func takeReady() {
        let taken = ready.withLock { ready in
            defer { ready = [] }
            return ready
        }
        for item in taken { item.connection.take(item.outgoing, for: item.request) }
    }
}
