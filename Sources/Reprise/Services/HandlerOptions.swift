/// What can be set per handler. Everything has Restate's default.
public struct HandlerOptions: Sendable {
    /// Not reachable over HTTP, only from other handlers.
    public var isPrivate: Bool
    /// How failed attempts of the whole handler are retried; exhaustion pauses the invocation.
    public var retry: InvocationRetryPolicy
    /// How long the result of a call with an idempotency key, or of a workflow run, is kept.
    public var idempotencyRetention: Duration
    /// How long any other result is kept for inspection.
    public var journalRetention: Duration

    public init(
        isPrivate: Bool = false, retry: InvocationRetryPolicy = InvocationRetryPolicy(),
        idempotencyRetention: Duration = .seconds(86_400), journalRetention: Duration = .seconds(86_400)
    ) {
        self.isPrivate = isPrivate
        self.retry = retry
        self.idempotencyRetention = idempotencyRetention
        self.journalRetention = journalRetention
    }
}

/// When a failed attempt of an invocation is made again.
public struct InvocationRetryPolicy: Hashable, Sendable {
    /// Before the second attempt.
    public var initialDelay: Duration
    /// Multiplies the delay after every failure; at least 1.
    public var factor: Double
    /// Where the delay stops growing.
    public var maxDelay: Duration
    /// Attempts in all, the first one included; then the invocation is paused. nil is without bound.
    public var maxAttempts: Int?

    public init(
        initialDelay: Duration = .milliseconds(500), factor: Double = 2, maxDelay: Duration = .seconds(60),
        maxAttempts: Int? = 70
    ) {
        self.initialDelay = initialDelay
        self.factor = factor
        self.maxDelay = maxDelay
        self.maxAttempts = maxAttempts
    }
}
