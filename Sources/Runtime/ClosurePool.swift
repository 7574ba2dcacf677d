import Dispatch
import Foundation
import Synchronization

/// Where the closures of `run` execute: threads of their own, so that closures which block hold up neither the
/// handlers nor Swift's cooperative pool, which has as many threads as cores.
///
/// As many threads as there are cores take jobs as long as that suffices. When a job has waited for a moment, the
/// threads at work are blocked: another one joins, up to `threadsMax`.
package final class ClosurePool: TaskExecutor {
    private struct State {
        var jobs: [UnownedJob] = []
        /// Threads that run jobs or are about to.
        var active = 0
        /// Waiting threads, the last one to come to rest first to go.
        var idle: [DispatchSemaphore] = []
        var threads = 0
        var taken = 0
        var isWatched = false
    }

    private enum Step {
        case wake(DispatchSemaphore)
        case startThread
    }

    private let state = Mutex(State())
    private let threadsMax: Int
    private let threadsAtOnce = ProcessInfo.processInfo.activeProcessorCount
    private let watch = DispatchQueue(label: "reprise.closures.watch")
    private static let patience = DispatchTimeInterval.milliseconds(1)

    package init(threadsMax: Int = 64) {
        self.threadsMax = threadsMax
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let (step, mustWatch) = state.withLock { state -> (Step?, Bool) in
            state.jobs.append(job)
            if state.active < threadsAtOnce { return (join(&state), false) }
            defer { state.isWatched = true }
            return (nil, !state.isWatched)
        }
        take(step)
        if mustWatch { watchOver(since: nil) }
    }

    /// One more thread goes to work, if the bound allows it.
    private func join(_ state: inout State) -> Step? {
        if let sleeper = state.idle.popLast() {
            state.active += 1
            return .wake(sleeper)
        }
        guard state.threads < threadsMax else { return nil }
        state.threads += 1
        state.active += 1
        return .startThread
    }

    private func take(_ step: Step?) {
        switch step {
        case .wake(let sleeper): sleeper.signal()
        case .startThread: startThread()
        case nil: break
        }
    }

    /// Looks again in a moment; when no job was taken in between although some wait, another thread joins.
    private func watchOver(since takenBefore: Int?) {
        let (step, taken) = state.withLock { state -> (Step?, Int?) in
            guard !state.jobs.isEmpty else {
                state.isWatched = false
                return (nil, nil)
            }
            return (state.taken == takenBefore ? join(&state) : nil, state.taken)
        }
        take(step)
        guard let taken else { return }
        watch.asyncAfter(deadline: .now() + Self.patience) { [self] in watchOver(since: taken) }
    }

    private func startThread() {
        let thread = Thread { [self] in work() }
        thread.name = "reprise-closures"
        thread.start()
    }

    private func work() {
        let wake = DispatchSemaphore(value: 0)
        while true {
            let job = state.withLock { state -> UnownedJob? in
                guard !state.jobs.isEmpty else {
                    state.active -= 1
                    state.idle.append(wake)
                    return nil
                }
                state.taken += 1
                return state.jobs.removeFirst()
            }
            if let job {
                job.runSynchronously(on: asUnownedTaskExecutor())
            } else {
                wake.wait()
            }
        }
    }
}
