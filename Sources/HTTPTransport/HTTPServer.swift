import Dispatch
import Foundation
import Glibc
package import HTTPWire
import Synchronization

/// Listens, accepts and spreads connections over a few serial queues, at most one per core.
package final class HTTPServer: Sendable {
    package typealias RequestHandler = @Sendable (HTTPMessage, ReplyHandle) -> Void

    package let configuration: HTTPServerConfiguration
    let onRequest: RequestHandler
    private let acceptQueue: DispatchQueue
    private let listener: Listener
    private let state = Mutex(State())
    private let connections = Atomic<Int>(0)
    private let bodyBytes = Atomic<Int>(0)
    private let outgoingBytes = Atomic<Int>(0)

    private struct State {
        var loops: [ConnectionLoop] = []
        /// Given up for a moment when no descriptor is left, to accept and close what would wait for ever.
        var spareDescriptor: Int32 = -1
        var whenDrained: (@Sendable () -> Void)?
    }

    /// `onRequest` is called on a connection's queue and must not block it.
    package init(_ configuration: HTTPServerConfiguration, onRequest: @escaping RequestHandler) {
        self.configuration = configuration
        self.onRequest = onRequest
        acceptQueue = DispatchQueue(label: "reprise.http.accept", qos: .userInitiated)
        listener = Listener(acceptQueue)
    }

    package var connectionCount: Int { connections.load(ordering: .relaxed) }
    var connectionsByLoop: [Int] { state.withLock { $0.loops.map(\.connectionCount) } }
    package var bodyBytesHeld: Int { bodyBytes.load(ordering: .relaxed) }
    package var outgoingBytesHeld: Int { outgoingBytes.load(ordering: .relaxed) }

    /// Listens and returns the port.
    package func start() throws(TransportError) -> Int {
        signal(SIGPIPE, SIG_IGN)
        var loops: [ConnectionLoop] = []
        for index in 0..<max(1, ProcessInfo.processInfo.activeProcessorCount) {
            loops.append(try ConnectionLoop(index: index))
        }
        let (descriptor, port) = try Socket.listen(host: configuration.host, port: configuration.port)
        for loop in loops { loop.start() }
        state.withLock { [loops] state in
            state.loops = loops
            state.spareDescriptor = open("/dev/null", O_RDONLY | O_CLOEXEC)
        }
        listener.start(descriptor) { [self] in acceptAll(descriptor) }
        return port
    }

    /// Stops accepting, lets answers that are owed go out, and closes. What is still open after `timeoutMs` is cut off.
    package func drain(timeoutMs: Int) async {
        await withCheckedContinuation { continuation in
            let once = Once { continuation.resume() }
            state.withLock { $0.whenDrained = { once.run() } }
            acceptQueue.async { [self] in
                listener.stop()
                for loop in state.withLock(\.loops) { loop.submit { $0.drain() } }
                checkDrained()
            }
            acceptQueue.asyncAfter(deadline: .now() + .milliseconds(timeoutMs)) { once.run() }
        }
        for loop in state.withLock(\.loops) { loop.stop() }
        state.withLock { state in
            if state.spareDescriptor >= 0 { close(state.spareDescriptor) }
            state.spareDescriptor = -1
        }
    }

    /// Calls back when what waits in all loops now has been seen to; not after a drain.
    package func pass(_ passed: @escaping @Sendable () -> Void) { pass(state.withLock(\.loops)[...], passed) }

    private func pass(_ loops: ArraySlice<ConnectionLoop>, _ passed: @escaping @Sendable () -> Void) {
        guard let first = loops.first else { return passed() }
        first.submit { [self] _ in pass(loops.dropFirst(), passed) }
    }

    private func checkDrained() {
        guard connectionCount == 0 else { return }
        let done = state.withLock { $0.whenDrained.take() }
        done?()
    }

    // MARK: Accepting

    private func acceptAll(_ listener: Int32) {
        while true {
            let descriptor = accept(listener, nil, nil)
            if descriptor >= 0 {
                Socket.makeOwn(descriptor)
                take(descriptor)
                continue
            }
            switch errno {
            case EINTR, ECONNABORTED: continue
            case EAGAIN: return
            case EMFILE, ENFILE:
                if shedOne(listener) { return }
                fallthrough
            default:
                // Out of memory for sockets, say. Who waits stays in the queue; asking again at once would only spin.
                return self.listener.pause(milliseconds: 50)
            }
        }
    }

    private func take(_ descriptor: Int32) {
        let count = connections.add(1, ordering: .relaxed).newValue
        guard count <= configuration.connectionsMax + configuration.turnedAwayMax,
            let loop = state.withLock({ $0.loops.min { $0.connectionCount < $1.connectionCount } })
        else {
            close(descriptor)
            return connectionEnded(on: nil)
        }
        let isTurnedAway = count > configuration.connectionsMax
        Socket.set(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY)
        loop.connectionBegan()
        loop.submit { [self] loop in
            let connection = Connection(descriptor, on: loop, of: self)
            connection.start()
            if isTurnedAway { connection.turnAway() }
        }
    }

    /// No descriptor is left: the spare one lets the oldest waiting connection be closed instead of spinning on it.
    /// False when there is no spare one either.
    private func shedOne(_ listener: Int32) -> Bool {
        state.withLock { state in
            guard state.spareDescriptor >= 0 else {
                state.spareDescriptor = open("/dev/null", O_RDONLY | O_CLOEXEC)
                return false
            }
            close(state.spareDescriptor)
            let descriptor = accept(listener, nil, nil)
            if descriptor >= 0 { close(descriptor) }
            state.spareDescriptor = open("/dev/null", O_RDONLY | O_CLOEXEC)
            return true
        }
    }

    // MARK: Accounts

    func connectionEnded(on loop: ConnectionLoop?) {
        loop?.connectionEnded()
        connections.subtract(1, ordering: .relaxed)
        checkDrained()
    }

    func takeBody(_ count: Int) -> Bool {
        guard count > 0 else { return true }
        let total = bodyBytes.add(count, ordering: .relaxed).newValue
        if total <= configuration.bodyBytesInFlightMax { return true }
        bodyBytes.subtract(count, ordering: .relaxed)
        return false
    }

    func releaseBody(_ count: Int) {
        if count > 0 { bodyBytes.subtract(count, ordering: .relaxed) }
    }

    /// False, and nothing is counted, when peers that do not read hold too much already.
    func countOutgoing(_ change: Int) -> Bool {
        guard change != 0 else { return true }
        let total = outgoingBytes.add(change, ordering: .relaxed).newValue
        if change < 0 || total <= configuration.outgoingBytesInFlightMax { return true }
        outgoingBytes.subtract(change, ordering: .relaxed)
        return false
    }
}

/// The listening socket's source.
///
/// `@unchecked Sendable`: `source` and `isPaused` are touched on `queue` only.
private final class Listener: @unchecked Sendable {
    private let queue: DispatchQueue
    private var source: (any DispatchSourceRead)?
    private var isPaused = false

    init(_ queue: DispatchQueue) { self.queue = queue }

    func start(_ descriptor: Int32, onReadable: @escaping @Sendable () -> Void) {
        queue.async { [self] in
            let source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: queue)
            source.setEventHandler(handler: onReadable)
            source.setCancelHandler { close(descriptor) }
            source.resume()
            self.source = source
        }
    }

    /// On `queue`: tells of nothing for a while.
    func pause(milliseconds: Int) {
        guard source != nil, !isPaused else { return }
        isPaused = true
        source?.suspend()
        queue.asyncAfter(deadline: .now() + .milliseconds(milliseconds)) { [self] in
            guard isPaused else { return }
            isPaused = false
            self.source?.resume()
        }
    }

    /// On `queue`. A suspended source must be resumed before it is released, or it traps.
    func stop() {
        source?.cancel()
        if isPaused { source?.resume() }
        isPaused = false
        source = nil
    }
}

/// Runs its action the first time only.
private final class Once: Sendable {
    private let action: Mutex<(@Sendable () -> Void)?>

    init(_ action: @escaping @Sendable () -> Void) { self.action = Mutex(action) }

    func run() {
        let action = action.withLock { $0.take() }
        action?()
    }
}
