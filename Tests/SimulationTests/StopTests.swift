import DurableModel
import EngineCore
import Logging
import Runtime
import Synchronization
import Testing

@testable import Simulation

/// Runs what is submitted at once, unless it is at work already: the fastest thread that there could be.
private final class EagerExecutor: EngineExecutor {
    private struct State {
        var waiting: [@Sendable () -> Void] = []
        var isRunning = false
        var onDrained: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())

    var isCurrent: Bool { state.withLock { $0.isRunning } }

    func enqueue(_ job: consuming ExecutorJob) { Issue.record("there are no handlers") }

    func onDrained(_ action: @escaping @Sendable () -> Void) { state.withLock { $0.onDrained = action } }

    func submit(_ work: @escaping @Sendable () -> Void) {
        let mayRun = state.withLock { state in
            state.waiting.append(work)
            defer { state.isRunning = true }
            return !state.isRunning
        }
        guard mayRun else { return }
        while let next = takeNext() { next() }
    }

    private func takeNext() -> (@Sendable () -> Void)? {
        if let work = state.withLock({ $0.waiting.isEmpty ? nil : $0.waiting.removeFirst() }) { return work }
        state.withLock { $0.onDrained }?()
        return state.withLock { state in
            if state.waiting.isEmpty { state.isRunning = false }
            return state.waiting.isEmpty ? nil : state.waiting.removeFirst()
        }
    }
}

/// A disk whose commits end when the test says so.
final class SlowStorage: StorageDriver {
    private let underWay = Mutex<[@Sendable () -> Void]>([])

    func commit(_ batch: Batch, done: @escaping @Sendable () -> Void) { underWay.withLock { $0.append(done) } }

    func load(_ keys: [LoadKey], done: @escaping @Sendable ([LoadedValue]) -> Void) {
        done(keys.map { _ in .candidates([]) })
    }

    /// False when there is none.
    func finishCommit() -> Bool {
        guard let done = underWay.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) else { return false }
        done()
        return true
    }
}

@Suite struct StopTests {
    /// However fast the engine hears of the last commit: it asks whether it was the last, and nobody tells it again.
    @Test func aStopEndsWithTheLastCommit() {
        let executor = EagerExecutor()
        let storage = SlowStorage()
        let runtime = Runtime(
            registry: Registry([]),
            parts: Runtime.Parts(
                executor: executor, closures: executor, effects: executor, storage: storage,
                clock: SimulatedClock(nowMs: 1_800_000_000_000), entropy: { Entropy(1, 2, 3) },
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }))
        let stops = Mutex(0)
        runtime.start(from: RecoveredState()) {}
        runtime.stop { stops.withLock { $0 += 1 } }
        #expect(stops.withLock { $0 } == 0, "there is something to commit")
        while storage.finishCommit() {}
        #expect(stops.withLock { $0 } == 1)
    }
}
