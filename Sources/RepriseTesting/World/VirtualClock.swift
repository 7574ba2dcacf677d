import Runtime
import Synchronization

/// A wall clock that moves when it is told to.
final class VirtualClock: RuntimeClock {
    private struct State {
        var nowMs: Int64
        var wakes: [(atMs: Int64, wake: @Sendable () -> Void)] = []
    }

    private let state: Mutex<State>

    init(nowMs: Int64) { state = Mutex(State(nowMs: nowMs)) }

    func nowMs() -> Int64 { state.withLock(\.nowMs) }

    func schedule(atMs: Int64, _ wake: @escaping @Sendable () -> Void) {
        let isDue = state.withLock { state in
            if atMs > state.nowMs { state.wakes.append((atMs, wake)) }
            return atMs <= state.nowMs
        }
        if isDue { wake() }
    }

    /// Moves forward and wakes whoever waits for a time that has come, earliest first.
    func move(toMs ms: Int64) {
        let due = state.withLock { state in
            state.nowMs = max(state.nowMs, ms)
            let due = state.wakes.filter { $0.atMs <= state.nowMs }.sorted { $0.atMs < $1.atMs }
            state.wakes.removeAll { $0.atMs <= state.nowMs }
            return due
        }
        for wake in due { wake.wake() }
    }

    /// Moves forward and wakes nobody: timers are late.
    func drift(byMs ms: Int64) { state.withLock { $0.nowMs += ms } }

    /// The process is gone, and its timers with it.
    func forgetWakes() { state.withLock { $0.wakes.removeAll() } }
}
