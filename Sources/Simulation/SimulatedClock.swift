import Runtime
import Synchronization

/// A clock that the world moves.
package final class SimulatedClock: RuntimeClock {
    private struct State {
        var nowMs: Int64
        var wakes: [(atMs: Int64, wake: @Sendable () -> Void)] = []
    }

    private let state: Mutex<State>

    package init(nowMs: Int64) { state = Mutex(State(nowMs: nowMs)) }

    package func nowMs() -> Int64 { state.withLock { $0.nowMs } }

    package func schedule(atMs: Int64, _ wake: @escaping @Sendable () -> Void) {
        state.withLock { $0.wakes.append((atMs, wake)) }
    }

    package var nextWakeMs: Int64? { state.withLock { $0.wakes.map(\.atMs).min() } }

    package func advance(byMs ms: Int64) {
        let due = state.withLock { state in
            state.nowMs += ms
            let due = state.wakes.filter { $0.atMs <= state.nowMs }.sorted { $0.atMs < $1.atMs }
            state.wakes.removeAll { $0.atMs <= state.nowMs }
            return due
        }
        for wake in due { wake.wake() }
    }

    /// The process is gone, and its timers with it.
    package func forgetWakes() { state.withLock { $0.wakes.removeAll() } }
}
