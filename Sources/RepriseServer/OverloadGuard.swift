import Dispatch
import DurableModel
import Synchronization

/// Notices that requests come faster than the server gets through with them, and has new ones refused until it has
/// caught up: who is admitted keeps a latency near to that of a server that is not overloaded, and who is not knows at
/// once. A pulse is sent through the queues of connections and of the engine again and again; how long it takes is how
/// long a request would wait.
///
/// A short burst is no overload: the queue has to stand for a while. And neither is a server with few requests in
/// flight, however slow its machine: then nobody looks, because each pulse wakes every loop and the engine.
final class OverloadGuard: Sendable {
    struct Limits: Sendable {
        /// A queue that takes longer than this is too long. A call passes the engine's queue several times.
        var queueDelayMax = Duration.milliseconds(5)
        /// And stands when it has been too long for this time; at once when it has just been so.
        var standing = Duration.milliseconds(200)
        /// With fewer requests in flight nobody is refused.
        var requestsInFlightMin = 256
        var pulseEvery = DispatchTimeInterval.milliseconds(10)
    }

    private struct State {
        var pulse: Pulse?
        var pulseSentAt: ContinuousClock.Instant?
        var lastGoodAt = ContinuousClock.now
        var lastShedAt: ContinuousClock.Instant?
        var isStopped = false

        func wasJustLong(at now: ContinuousClock.Instant) -> Bool {
            lastShedAt.map { now - $0 < .seconds(1) } ?? false
        }
    }

    private let limits: Limits
    /// Calls back once it has been through the queues.
    typealias Pulse = @Sendable (_ returned: @escaping @Sendable () -> Void) -> Void
    private let state = Mutex(State())
    private let queueIsLong = Atomic<Bool>(false)
    /// The queue has been too long a moment ago. Until that is forgotten not everybody may come in at once, only
    /// because it is short again: the next pulse would find a longer one.
    private let isWary = Atomic<Bool>(false)
    private let inFlight = Atomic<Int>(0)
    /// Pulses are sent.
    private let watches = Atomic<Bool>(false)
    private let refused = Atomic<Int>(0)
    private let queue = DispatchQueue(label: "reprise.overload", qos: .userInitiated)

    init(limits: Limits = Limits()) { self.limits = limits }

    var requestsInFlight: Int { inFlight.load(ordering: .relaxed) }
    var refusedCount: Int { refused.load(ordering: .relaxed) }

    var isWatching: Bool { watches.load(ordering: .sequentiallyConsistent) }

    func start(_ pulse: @escaping Pulse) {
        state.withLock { $0.pulse = pulse }
        queue.async { self.watch() }
    }

    /// Lets go of the pulse, which holds the server that holds the guard.
    func stop() { state.withLock { ($0.isStopped, $0.pulse) = (true, nil) } }

    /// What a request is to be told; nil when it is welcome.
    func refusal() -> Refusal? {
        let welcome = limits.requestsInFlightMin
        let isRefused =
            queueIsLong.load(ordering: .relaxed) && requestsInFlight >= welcome
            || isWary.load(ordering: .relaxed) && requestsInFlight >= 2 * welcome
        guard isRefused else { return nil }
        refused.add(1, ordering: .relaxed)
        return Refusal(
            status: 503, message: "more requests are waiting than can be answered soon; try again later",
            retryAfterSeconds: 1)
    }

    func requestBegan() {
        let count = inFlight.add(1, ordering: .sequentiallyConsistent).newValue
        if count == limits.requestsInFlightMin, !isWatching { queue.async { self.watch() } }
    }

    func requestEnded() { inFlight.subtract(1, ordering: .relaxed) }

    private func watch() {
        guard !isWatching, let pulse = state.withLock({ $0.isStopped ? nil : $0.pulse }) else { return }
        watches.store(true, ordering: .sequentiallyConsistent)
        state.withLock { $0.lastGoodAt = ContinuousClock.now }
        scheduleNext(pulse)
    }

    private func scheduleNext(_ pulse: @escaping Pulse) {
        queue.asyncAfter(deadline: .now() + limits.pulseEvery) { [self] in
            guard !state.withLock({ $0.isStopped }) else { return }
            let now = ContinuousClock.now
            guard isNeeded(at: now) else { return rest() }
            look(at: now, pulse)
            scheduleNext(pulse)
        }
    }

    private func isNeeded(at now: ContinuousClock.Instant) -> Bool {
        requestsInFlight >= limits.requestsInFlightMin
            || state.withLock { $0.pulseSentAt != nil || $0.wasJustLong(at: now) }
    }

    private func rest() {
        isWary.store(false, ordering: .relaxed)
        queueIsLong.store(false, ordering: .relaxed)
        watches.store(false, ordering: .sequentiallyConsistent)
        // Whoever came before that found somebody watching.
        if inFlight.load(ordering: .sequentiallyConsistent) >= limits.requestsInFlightMin { watch() }
    }

    /// Sends a pulse, or finds the last one still on its way.
    func look(at now: ContinuousClock.Instant, _ pulse: Pulse = { _ in }) {
        let isUnderWay = state.withLock { state in
            guard let sentAt = state.pulseSentAt else {
                state.pulseSentAt = now
                return false
            }
            judge(now - sentAt, now, &state)
            return true
        }
        if isUnderWay { return }
        pulse { [self] in pulseReturned(at: ContinuousClock.now) }
    }

    func pulseReturned(at now: ContinuousClock.Instant) {
        state.withLock { state in
            guard let sentAt = state.pulseSentAt.take() else { return }
            judge(now - sentAt, now, &state)
        }
    }

    private func judge(_ delay: Duration, _ now: ContinuousClock.Instant, _ state: inout State) {
        let wasJustLong = state.wasJustLong(at: now)
        isWary.store(wasJustLong, ordering: .relaxed)
        guard delay > limits.queueDelayMax else {
            state.lastGoodAt = now
            return queueIsLong.store(false, ordering: .relaxed)
        }
        guard wasJustLong || now - state.lastGoodAt >= limits.standing else { return }
        state.lastShedAt = now
        queueIsLong.store(true, ordering: .relaxed)
    }
}
