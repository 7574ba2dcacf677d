import Dispatch
import Foundation
import Synchronization

/// Where the closures of `run` execute: threads of their own, started on demand up to a bound, so that closures
/// which block hold up neither the handlers nor Swift's cooperative pool, which has as many threads as cores.
package final class ClosurePool: TaskExecutor {
    private struct State {
        var jobs: [UnownedJob] = []
        var idle = 0
        var threads = 0
    }

    private let state = Mutex(State())
    private let available = DispatchSemaphore(value: 0)
    private let threadsMax: Int

    package init(threadsMax: Int = 64) {
        self.threadsMax = threadsMax
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let needsThread = state.withLock { state in
            state.jobs.append(job)
            guard state.jobs.count > state.idle, state.threads < threadsMax else { return false }
            state.threads += 1
            return true
        }
        if needsThread { startThread() }
        available.signal()
    }

    private func startThread() {
        let thread = Thread { [self] in
            while true {
                state.withLock { $0.idle += 1 }
                available.wait()
                let job = state.withLock { state in
                    state.idle -= 1
                    return state.jobs.isEmpty ? nil : state.jobs.removeFirst()
                }
                job?.runSynchronously(on: asUnownedTaskExecutor())
            }
        }
        thread.name = "reprise-closures"
        thread.start()
    }
}
