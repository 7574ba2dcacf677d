/// Somewhere to run work. What is submitted from one thread runs in that order.
package protocol WorkQueue: Sendable {
    func submit(_ work: @escaping @Sendable () -> Void)
}

/// The one serial executor on which the engine and all handler code run. The server gives it a thread, the simulator
/// runs it inline.
package protocol EngineExecutor: TaskExecutor, WorkQueue {
    /// True on the executor itself.
    var isCurrent: Bool { get }
    /// Calls `action` on the executor whenever it has run what was waiting, before it looks for more.
    func onDrained(_ action: @escaping @Sendable () -> Void)
}

/// Wall clock and wake-ups.
package protocol RuntimeClock: Sendable {
    /// Milliseconds since 1970.
    func nowMs() -> Int64
    /// Calls `wake` once when the clock reads `atMs` or later; soon when that is past.
    func schedule(atMs: Int64, _ wake: @escaping @Sendable () -> Void)
}
