import Collections
import Runtime

/// A thread of the simulated process: keeps what is to be run until the world runs it, in order of arrival.
///
/// `@unchecked Sendable`: a simulation has one thread, and everything in it happens there.
package final class InlineExecutor: EngineExecutor, @unchecked Sendable {
    private enum Item {
        case job(UnownedJob)
        case work(@Sendable () -> Void)
    }

    private var items: Deque<Item> = []
    private var isRunning = false
    private var drained: (@Sendable () -> Void)?

    package init() {}

    package var isCurrent: Bool { isRunning }
    package var hasWork: Bool { !items.isEmpty }

    package func enqueue(_ job: consuming ExecutorJob) { items.append(.job(UnownedJob(job))) }

    package func submit(_ work: @escaping @Sendable () -> Void) { items.append(.work(work)) }

    package func onDrained(_ action: @escaping @Sendable () -> Void) { drained = action }

    /// Runs at most `itemsMax` of what waits, then says that it has.
    package func run(itemsMax: Int = .max) {
        var remaining = itemsMax
        isRunning = true
        while remaining > 0, let item = items.popFirst() {
            remaining -= 1
            switch item {
            case .job(let job): job.runSynchronously(on: asUnownedTaskExecutor())
            case .work(let work): work()
            }
        }
        drained?()
        isRunning = false
    }

    /// The process is gone: tasks have to be run to their end, what was only to be called is not called any more.
    package func forgetWork() {
        items.removeAll { item in
            if case .work = item { true } else { false }
        }
    }
}
