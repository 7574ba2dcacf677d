import Dispatch
import HTTPWire
import Synchronization

/// A serial queue with the connections that live on it. Everything of a connection happens here.
///
/// `@unchecked Sendable`: `connections` and `buffer` are touched on `queue` only; `ready` is inside its mutex.
final class ConnectionLoop: @unchecked Sendable {
    let queue: DispatchQueue
    /// What the connections of this loop read into, one after the other.
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)
    private var connections: [ObjectIdentifier: Connection] = [:]
    private let ready = Mutex([(connection: Connection, request: Int, reply: HTTPReply)]())
    private var timer: (any DispatchSourceTimer)?

    init(index: Int) {
        queue = DispatchQueue(label: "reprise.http.\(index)", qos: .userInitiated)
    }

    deinit { buffer.deallocate() }

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
    func hand(_ reply: HTTPReply, to connection: Connection, request: Int) {
        let isFirst = ready.withLock { ready in
            ready.append((connection, request, reply))
            return ready.count == 1
        }
        if isFirst { queue.async { [self] in takeReady() } }
    }

    private func takeReady() {
        let taken = ready.withLock { ready in
            defer { ready = [] }
            return ready
        }
        for item in taken { item.connection.reply(to: item.request, item.reply) }
    }
}
