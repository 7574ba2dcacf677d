import Runtime
import Synchronization

/// One thread for engine, handlers and steps, which says when it has nothing left to do.
final class TestExecutor: EngineExecutor {
    private struct State {
        /// What has been enqueued and has not been run to its end.
        var pending = 0
        var drained: (@Sendable () -> Void)?
        var rested: (@Sendable () -> Void)?
    }

    private let thread = SerialThread(name: "reprise-test")
    private let state = Mutex(State())

    init() {
        thread.onDrained { [weak self] in self?.drained() }
    }

    var isCurrent: Bool { thread.isCurrent }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        submit { [self] in job.runSynchronously(on: asUnownedTaskExecutor()) }
    }

    func submit(_ work: @escaping @Sendable () -> Void) {
        state.withLock { $0.pending += 1 }
        thread.submit { [self] in
            work()
            state.withLock { $0.pending -= 1 }
        }
    }

    func onDrained(_ action: @escaping @Sendable () -> Void) { state.withLock { $0.drained = action } }

    /// Calls `action` on the executor whenever nothing is left to run.
    func onRest(_ action: @escaping @Sendable () -> Void) { state.withLock { $0.rested = action } }

    private func drained() {
        state.withLock { $0.drained }?()
        let rested = state.withLock { $0.pending == 0 ? $0.rested : nil }
        rested?()
    }

    /// Ends the thread; what waits is not run.
    func stop() {
        state.withLock { state in
            state.drained = nil
            state.rested = nil
        }
        thread.stop()
    }
}
