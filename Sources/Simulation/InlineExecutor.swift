import Runtime
import Synchronization

/// The engine's executor and the closures', run inline by the world: one thread, in order of arrival.
package final class InlineExecutor: EngineExecutor {
    private enum Item {
        case job(UnownedJob)
        case work(@Sendable () -> Void)
    }

    private struct State {
        var items: [Item] = []
        var isRunning = false
        var onDrained: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())

    package init() {}

    package var isCurrent: Bool { state.withLock { $0.isRunning } }

    package var hasWork: Bool { state.withLock { !$0.items.isEmpty } }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        state.withLock { $0.items.append(.job(job)) }
    }

    package func submit(_ work: @escaping @Sendable () -> Void) {
        state.withLock { $0.items.append(.work(work)) }
    }

    package func onDrained(_ action: @escaping @Sendable () -> Void) {
        state.withLock { $0.onDrained = action }
    }

    /// Runs at most `itemsMax` of what waits, then says that it has.
    package func run(itemsMax: Int = .max) {
        var remaining = itemsMax
        state.withLock { $0.isRunning = true }
        while remaining > 0, let item = next() {
            remaining -= 1
            switch item {
            case .job(let job): job.runSynchronously(on: asUnownedTaskExecutor())
            case .work(let work): work()
            }
        }
        state.withLock { $0.onDrained }?()
        state.withLock { $0.isRunning = false }
    }

    private func next() -> Item? {
        state.withLock { $0.items.isEmpty ? nil : $0.items.removeFirst() }
    }
}
