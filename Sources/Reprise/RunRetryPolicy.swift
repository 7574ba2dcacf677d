/// When the failed closure of a `run` is executed again. Fields left alone have Restate's defaults. Exhaustion is
/// recorded as a `TerminalError` and thrown to the handler.
public struct RunRetryPolicy: Hashable, Sendable {
    /// Before the second execution.
    public var initialDelay: Duration
    /// Multiplies the delay after every failure; at least 1.
    public var factor: Double
    /// Where the delay stops growing.
    public var maxDelay: Duration
    /// Executions in all, the first one included; nil is without bound.
    public var maxAttempts: Int?
    /// Counted from the first failure; nil is without bound.
    public var maxDuration: Duration?

    public init(
        initialDelay: Duration = .milliseconds(50), factor: Double = 2, maxDelay: Duration = .seconds(10),
        maxAttempts: Int? = nil, maxDuration: Duration? = nil
    ) {
        self.initialDelay = initialDelay
        self.factor = factor
        self.maxDelay = maxDelay
        self.maxAttempts = maxAttempts
        self.maxDuration = maxDuration
    }
}
