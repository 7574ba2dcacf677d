import Dispatch
import DurableModel
import Runtime
import Synchronization

/// Notices when the engine does not come to anything: a handler computes, or blocks its thread, without ever waiting
/// through its context. Everybody else waits for it.
final class EngineWatchdog: Sendable {
    private struct State {
        /// When the engine was asked for a sign of life that it has not given yet.
        var askedAt: ContinuousClock.Instant?
        var isReported = false
        var isStopped = false
    }

    private enum Finding {
        case alive, waiting
        case stuck(Duration)
    }

    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "reprise.watchdog", qos: .utility)
    private let runtime: Runtime
    private let limit: Duration
    private let report: @Sendable (InvocationSerial, Duration) -> Void

    init(
        runtime: Runtime, limit: Duration, report: @escaping @Sendable (InvocationSerial, Duration) -> Void
    ) {
        self.runtime = runtime
        self.limit = limit
        self.report = report
        scheduleNext()
    }

    /// The engine has been reported as stuck and has not moved since.
    var isStuck: Bool { state.withLock { $0.isReported } }

    func stop() { state.withLock { $0.isStopped = true } }

    private func scheduleNext() {
        let pause = max(1, Int(min(limit / 4, .seconds(1)) / .milliseconds(1)))
        queue.asyncAfter(deadline: .now() + .milliseconds(pause)) { [self] in
            guard !state.withLock({ $0.isStopped }) else { return }
            look()
            scheduleNext()
        }
    }

    private func look() {
        switch finding() {
        case .waiting: break
        case .alive: runtime.countClosures { [self] _ in state.withLock { ($0.askedAt, $0.isReported) = (nil, false) } }
        case .stuck(let duration): report(runtime.executing, duration)
        }
    }

    private func finding() -> Finding {
        let now = ContinuousClock.now
        return state.withLock { state in
            guard let askedAt = state.askedAt else {
                state.askedAt = now
                return .alive
            }
            guard now - askedAt >= limit, !state.isReported else { return .waiting }
            state.isReported = true
            return .stuck(now - askedAt)
        }
    }
}
