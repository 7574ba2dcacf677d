import Runtime

/// A wall clock that is set forward and backward, and the time that passes meanwhile: that never turns back. The server
/// reads the first, as it does outside; the disk and the clients, who wait for durations, count in the second.
///
/// `@unchecked Sendable`: a simulation has one thread, and everything in it happens there.
package final class SimulatedClock: RuntimeClock, @unchecked Sendable {
    private var wallMs: Int64
    /// Time that has passed since the world began.
    package private(set) var upMs: Int64 = 0
    private var wakes: [(atMs: Int64, wake: @Sendable () -> Void)] = []

    package init(nowMs: Int64) { wallMs = nowMs }

    package func nowMs() -> Int64 { wallMs }

    package func schedule(atMs: Int64, _ wake: @escaping @Sendable () -> Void) { wakes.append((atMs, wake)) }

    package var nextWakeMs: Int64? { wakes.map(\.atMs).min() }

    package func pass(ms: Int64) {
        upMs += ms
        set(byMs: ms)
    }

    /// Somebody sets the clock. Whoever waits for a time that has come then is woken, earliest first.
    package func set(byMs ms: Int64) {
        wallMs += ms
        let due = wakes.filter { $0.atMs <= wallMs }.sorted { $0.atMs < $1.atMs }
        guard !due.isEmpty else { return }
        wakes.removeAll { $0.atMs <= wallMs }
        for wake in due { wake.wake() }
    }

    /// The process is gone, and its timers with it.
    package func forgetWakes() { wakes.removeAll() }
}
