/// What a caller outside of any handler can ask of an engine, in bytes: the seam under `RepriseClient`. Everything
/// that it answers is durable. Usable from any number of tasks.
public protocol ClientOperations: Sendable {
    /// Invokes and waits for the end. Giving up the wait does not end the invocation.
    func call(
        _ target: HandlerAddress, input: [UInt8], idempotencyKey: String?
    ) async throws -> CompletedInvocation
    /// Invokes one way; `delayMs` nil starts at once.
    func send(
        _ target: HandlerAddress, input: [UInt8], delayMs: Int64?, idempotencyKey: String?
    ) async throws -> SentInvocation
    /// Waits for the end of an invocation; nil when it is unknown, purged or expired.
    func attach(_ invocationID: String) async throws -> OperationResult?
    /// The result of an invocation if there is one already.
    func output(of invocationID: String) async throws -> InvocationOutput
    /// Asks an invocation to end; false when there is none. See `HandlerContext.cancel`.
    func cancel(_ invocationID: String) async throws -> Bool
    /// The id of the run of a workflow, whether there is one or not.
    func invocationID(ofWorkflow name: String, key: String) -> String
    func completeAwakeable(_ id: String, with result: OperationResult) async throws
}

/// An invocation that has ended.
public struct CompletedInvocation: Sendable {
    /// The public id, `inv_1…`.
    public let id: String
    /// How it ended.
    public let result: OperationResult

    public init(id: String, result: OperationResult) {
        self.id = id
        self.result = result
    }
}

/// An invocation that has been accepted.
public struct SentInvocation: Hashable, Sendable {
    /// The public id, `inv_1…`.
    public let id: String
    /// False when the idempotency key named an invocation that existed already.
    public let isNew: Bool

    public init(id: String, isNew: Bool) {
        self.id = id
        self.isNew = isNew
    }
}

/// What is known of an invocation's result.
public enum InvocationOutput: Sendable {
    case ended(OperationResult)
    case notReady
    /// Never existed, purged or expired.
    case unknown
}

/// The server takes nothing more at the moment and has recorded nothing; trying again later is safe.
public struct ServerBusy: Error, Hashable, Sendable {
    /// 429 or 503.
    public let status: Int
    /// Why, for the caller.
    public let message: String
    /// When it is worth trying again.
    public let retryAfterSeconds: Int

    public init(status: Int, message: String, retryAfterSeconds: Int) {
        self.status = status
        self.message = message
        self.retryAfterSeconds = retryAfterSeconds
    }
}

/// There is no invocation with this id, or not any more.
public struct UnknownInvocation: Error, Hashable, Sendable {
    /// The id that was asked for.
    public let id: String

    public init(id: String) { self.id = id }
}
