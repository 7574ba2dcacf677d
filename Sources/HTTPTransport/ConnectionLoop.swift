import Dispatch
import Glibc
import HTTPWire
import Synchronization

/// A serial queue with the connections that live on it. Everything of a connection happens here: the queue waits for
/// what its sockets have to say, or for somebody to hand it something, until it is stopped.
///
/// `@unchecked Sendable`: the stored `var`s and buffers are touched on `queue` only; the rest is constant or inside its
/// mutex.
package final class ConnectionLoop: @unchecked Sendable {
    private let queue: DispatchQueue
    private let poller: Poller
    /// What the connections of this loop read into, one after the other.
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)
    /// The same for what TLS makes of it.
    let plaintext = UnsafeMutableRawBufferPointer.allocate(byteCount: 16 << 10, alignment: 16)
    /// The time of this round.
    private(set) var nowNs = DispatchTime.now().uptimeNanoseconds
    /// And what answers say of it.
    private(set) var date = HTTPDate()
    /// By descriptor: the system gives the lowest number that is free, and hashing one at each event costs more.
    private var connections: [Connection?] = []
    /// Those that ended in this round. What it is told about may be about them, so their sockets are closed at its end.
    private var ended: [Connection] = []
    private var timeoutsCheckedNs: UInt64 = 0
    private let inbox = Mutex(Inbox())
    private let connectionsOpen = Atomic<Int>(0)
    /// What comes from the queue itself: it needs neither lock nor wake-up.
    private var own: [Item] = []
    /// Of the thread that the queue runs on, for as long as it does.
    private let identity = Atomic<UInt>(0)

    /// Something for the client.
    enum Outgoing: Sendable {
        case reply(HTTPReply)
        case stream(HTTPReply, StreamStart)
        case piece([UInt8])
        case endOfStream
    }

    private enum Item: Sendable {
        case outgoing(Outgoing, Connection, request: Int)
        case work(@Sendable (ConnectionLoop) -> Void)
        case errand(@Sendable () -> Void)
    }

    private struct Inbox: Sendable {
        var items: [Item] = []
        var isAsleep = false
        var isStopped = false
    }

    init(index: Int) throws(TransportError) {
        queue = DispatchQueue(label: "reprise.http.\(index)", qos: .userInitiated)
        poller = try Poller()
    }

    deinit {
        buffer.deallocate()
        plaintext.deallocate()
    }

    func start() { queue.async { self.run() } }

    // MARK: On any thread

    /// Hands something to a connection. It goes out with everything else that is ready by then.
    func hand(_ outgoing: Outgoing, to connection: Connection, request: Int) {
        put(.outgoing(outgoing, connection, request: request))
    }

    /// Does `work` on the queue. What comes after the stop is not done.
    func submit(_ work: @escaping @Sendable (ConnectionLoop) -> Void) { put(.work(work)) }

    /// The same. Answers to connections of this loop that are given there go out at once.
    package func submit(_ work: @escaping @Sendable () -> Void) { put(.errand(work)) }

    /// Closes every connection and ends the loop.
    func stop() {
        submit { loop in
            for connection in loop.connections { connection?.end() }
            loop.inbox.withLock { $0.isStopped = true }
        }
    }

    /// Of those that were given to this loop, whether it has met them already or not.
    var connectionCount: Int { connectionsOpen.load(ordering: .relaxed) }

    func connectionBegan() { connectionsOpen.add(1, ordering: .relaxed) }

    func connectionEnded() { connectionsOpen.subtract(1, ordering: .relaxed) }

    private var isCurrent: Bool { identity.load(ordering: .relaxed) == pthread_self() }

    private func put(_ item: Item) {
        if isCurrent { return own.append(item) }
        let wakes = inbox.withLock { inbox in
            guard !inbox.isStopped else { return false }
            inbox.items.append(item)
            defer { inbox.isAsleep = false }
            return inbox.isAsleep
        }
        if wakes { poller.wake() }
    }

    // MARK: On the queue

    private func run() {
        identity.store(pthread_self(), ordering: .relaxed)
        var items: [Item] = []
        var mayRest = false
        while true {
            performOwn()
            let (isIdle, isStopped) = inbox.withLock { inbox in
                swap(&items, &inbox.items)
                inbox.isAsleep = items.isEmpty && own.isEmpty && mayRest
                return (items.isEmpty && own.isEmpty, inbox.isStopped)
            }
            for item in items {
                perform(item)
                performOwn()
            }
            items.removeAll(keepingCapacity: true)
            closeEnded()
            if isStopped { return end() }
            // Others go first, once: what they bring along now costs no wake-up.
            if isIdle, !mayRest { sched_yield() }
            let events = takeEvents(timeoutMs: isIdle && mayRest ? Self.tickMs : 0)
            mayRest = isIdle && !mayRest && events == 0
            checkTimeouts()
        }
    }

    /// Another queue may get this thread, and is not the owner of `own`.
    private func end() {
        identity.store(0, ordering: .relaxed)
        own = []
    }

    /// How many there were.
    private func takeEvents(timeoutMs: Int32) -> Int {
        let count = poller.wait(timeoutMs: timeoutMs)
        if timeoutMs > 0 { inbox.withLock { $0.isAsleep = false } }
        nowNs = DispatchTime.now().uptimeNanoseconds
        date.update()
        for number in 0..<count {
            guard let event = poller.event(number) else { continue }
            let place = Int(event.descriptor)
            if place < connections.count { connections[place]?.isReady(event.ready) }
            performOwn()
        }
        closeEnded()
        return count
    }

    private static let tickMs: Int32 = 1_000

    private func perform(_ item: Item) {
        switch item {
        case .outgoing(let outgoing, let connection, let request): connection.take(outgoing, for: request)
        case .work(let work): work(self)
        case .errand(let work): work()
        }
    }

    /// One round: what these bring along is for the next, so that nobody who sends much in advance holds up the others.
    private func performOwn() {
        guard !own.isEmpty else { return }
        var items: [Item] = []
        swap(&items, &own)
        for item in items { perform(item) }
        guard own.isEmpty else { return }
        items.removeAll(keepingCapacity: true)
        swap(&items, &own)
    }

    /// False when the kernel has no memory for one more.
    func add(_ connection: Connection) -> Bool {
        let place = Int(connection.descriptor)
        while connections.count <= place { connections.append(nil) }
        connections[place] = connection
        return poller.watch(connection.descriptor, connection.interest)
    }

    func changeInterest(of connection: Connection) {
        poller.change(connection.descriptor, to: connection.interest)
    }

    func remove(_ connection: Connection) {
        connections[Int(connection.descriptor)] = nil
        ended.append(connection)
    }

    func drain() { for connection in connections { connection?.drain() } }

    private func closeEnded() {
        for connection in ended { connection.closeSocket() }
        ended.removeAll(keepingCapacity: true)
    }

    private func checkTimeouts() {
        guard nowNs - timeoutsCheckedNs >= UInt64(Self.tickMs) * 1_000_000 else { return }
        timeoutsCheckedNs = nowNs
        for connection in connections { connection?.checkTimeout(nowNs: nowNs) }
        closeEnded()
    }
}
