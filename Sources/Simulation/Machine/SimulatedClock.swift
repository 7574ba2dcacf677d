import Runtime

/// A wall clock that the world moves, backward too.
///
/// `@unchecked Sendable`: a simulation has one thread, and everything in it happens there.
package final class SimulatedClock: RuntimeClock, @unchecked Sendable {
    private var wallMs: Int64
    private var wakes: [(atMs: Int64, wake: @Sendable () -> Void)] = []

    package init(nowMs: Int64) { wallMs = nowMs }

    package func nowMs() -> Int64 { wallMs }

    package func schedule(atMs: Int64, _ wake: @escaping @Sendable () -> Void) { wakes.append((atMs, wake)) }

    package var nextWakeMs: Int64? { wakes.map(\.atMs).min() }

    /// Moves the clock and wakes whoever waits for a time that has come, earliest first.
    package func move(byMs ms: Int64) {
        wallMs += ms
        let due = wakes.filter { $0.atMs <= wallMs }.sorted { $0.atMs < $1.atMs }
        guard !due.isEmpty else { return }
        wakes.removeAll { $0.atMs <= wallMs }
        for wake in due { wake.wake() }
    }

    /// The process is gone, and its timers with it.
    package func forgetWakes() { wakes.removeAll() }
}
