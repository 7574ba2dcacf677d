/// When a failed attempt is made again. Delays grow by `factor` from `initialDelayMs` to `maxDelayMs`.
package struct RetryPolicy: Hashable, Sendable {
    package var initialDelayMs: Int64
    package var factor: Double
    package var maxDelayMs: Int64
    /// Attempts in all, the first one included; nil is without bound.
    package var maxAttempts: Int?
    /// Time from the first recorded failure after which no further attempt is made; nil is without bound.
    package var maxDurationMs: Int64?

    package init(
        initialDelayMs: Int64, factor: Double = 2, maxDelayMs: Int64, maxAttempts: Int? = nil,
        maxDurationMs: Int64? = nil
    ) {
        self.initialDelayMs = initialDelayMs
        self.factor = factor
        self.maxDelayMs = maxDelayMs
        self.maxAttempts = maxAttempts
        self.maxDurationMs = maxDurationMs
    }

    /// Restate's default for invocations since 1.6; exhaustion pauses.
    package static let invocationDefault = RetryPolicy(initialDelayMs: 500, maxDelayMs: 60_000, maxAttempts: 70)
    /// Restate's default for a `run` with any field of its policy set; exhaustion is a terminal failure.
    package static let runDefault = RetryPolicy(initialDelayMs: 50, maxDelayMs: 10_000)
}
