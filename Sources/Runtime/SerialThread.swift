import Collections
import Dispatch
import Foundation
import Synchronization

/// One thread that runs jobs and submitted work until it is stopped: the executor of the engine, and another one for
/// commits. What comes from other threads runs in order of arrival; what the thread enqueues itself goes first. A
/// Dispatch queue would run on whichever thread of its pool is woken: for a commit that cost a tenth of a call. The
/// thread keeps this object alive.
///
/// `@unchecked Sendable`: everything that changes is inside the mutex or atomic, but for `own`, which only the thread
/// itself touches.
package final class SerialThread: EngineExecutor, @unchecked Sendable {
    private enum Item {
        case job(UnownedJob)
        case work(@Sendable () -> Void)
    }

    private struct State {
        var items: [Item] = []
        var isAsleep = false
        var onDrained: (@Sendable () -> Void)?
        var isStopped = false
    }

    private let state = Mutex(State())
    /// What the thread has enqueued itself: it needs neither lock nor wake-up.
    private var own: Deque<Item> = []
    private let wake = DispatchSemaphore(value: 0)
    /// Of the thread, once it runs. (`Thread.current` costs more than the operation that asks.)
    private let identity = Atomic<UInt>(0)

    /// - Parameter name: What `top -H` shows, at most 15 characters.
    package init(name: String) {
        let thread = Thread { [self] in
            Thread.current.name = name
            run()
        }
        thread.stackSize = 8 << 20
        thread.start()
    }

    package var isCurrent: Bool { identity.load(ordering: .relaxed) == pthread_self() }

    package func enqueue(_ job: consuming ExecutorJob) {
        add(.job(UnownedJob(job)))
    }

    package func submit(_ work: @escaping @Sendable () -> Void) {
        add(.work(work))
    }

    /// Behind everything that has arrived, even if the thread itself asks.
    package func submitLast(_ work: @escaping @Sendable () -> Void) {
        arrive(.work(work))
    }

    /// Ends the thread. What is waiting, and what comes later, is not run.
    package func stop() {
        state.withLock { state in
            state.isStopped = true
            state.onDrained = nil
        }
        wake.signal()
    }

    package func onDrained(_ action: @escaping @Sendable () -> Void) {
        state.withLock { $0.onDrained = action }
    }

    private func add(_ item: Item) {
        if isCurrent { return own.append(item) }
        arrive(item)
    }

    private func arrive(_ item: Item) {
        let wasAsleep = state.withLock { state in
            state.items.append(item)
            defer { state.isAsleep = false }
            return state.isAsleep
        }
        if wasAsleep { wake.signal() }
    }

    /// So many of its own follow one that came from outside before the next of those gets its turn.
    private static let ownInSuccession = 64
    /// After so many that came from outside, what they decided is handed on although there are more.
    private static let outsideInSuccession = 16

    private func run() {
        identity.store(pthread_self(), ordering: .relaxed)
        var batch: [Item] = []
        var mayRest = false
        while true {
            let (onDrained, isStopped, mustSleep) = state.withLock { state in
                swap(&batch, &state.items)
                state.isAsleep = batch.isEmpty && own.isEmpty && mayRest
                return (state.onDrained, state.isStopped, state.isAsleep)
            }
            if isStopped {
                // Another thread may get this one's name, and is not the owner of `own`.
                return identity.store(0, ordering: .relaxed)
            }
            if mustSleep {
                wake.wait()
                mayRest = false
                continue
            }
            if batch.isEmpty, own.isEmpty {
                // Others go first, once: what they bring along now costs no wake-up.
                sched_yield()
                mayRest = true
                continue
            }
            mayRest = false
            perform(batch, onDrained)
            batch.removeAll(keepingCapacity: true)
        }
    }

    /// What an item starts (the handler of a request, say) runs before the next one: its turns belong into the same
    /// commit.
    private func perform(_ batch: [Item], _ onDrained: (@Sendable () -> Void)?) {
        performOwn()
        for (number, item) in batch.enumerated() {
            perform(item)
            performOwn()
            if number % Self.outsideInSuccession == Self.outsideInSuccession - 1 { onDrained?() }
        }
        onDrained?()
    }

    private func performOwn() {
        var left = Self.ownInSuccession
        while left > 0, let item = own.popFirst() {
            left -= 1
            perform(item)
        }
    }

    private func perform(_ item: Item) {
        switch item {
        case .job(let job): job.runSynchronously(on: asUnownedTaskExecutor())
        case .work(let work): work()
        }
    }
}
