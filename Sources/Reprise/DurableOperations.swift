/// The seam between handlers and an engine: everything a context can do, in bytes.
///
/// Contexts are written against this protocol alone, so the same handlers run behind any engine that provides it.
/// An implementation belongs to one attempt of one invocation and is used by one task at a time; it is not
/// `Sendable`, and so neither are the contexts over it. Every operation may throw `AttemptEnded`, which handlers let
/// through.
public protocol DurableOperations: AnyObject {
    /// The invocation that this attempt executes.
    var invocation: InvocationInfo { get }

    /// The stored value, nil when `name` is unset.
    nonisolated(nonsending) func getState(_ name: String) async throws -> [UInt8]?
    nonisolated(nonsending) func stateNames() async throws -> [String]
    nonisolated(nonsending) func setState(_ name: String, _ value: [UInt8]) async throws
    nonisolated(nonsending) func clearState(_ name: String) async throws
    nonisolated(nonsending) func clearAllState() async throws

    /// Begins a journaled step. `closure` is executed at least once unless a result is journaled already; it runs
    /// elsewhere, so it must not touch the context.
    nonisolated(nonsending) func startRun(
        _ name: String, retry: RunRetryPolicy?, closure: @escaping @Sendable () async throws -> [UInt8]
    ) async throws -> OperationHandle
    /// Begins a transactional step. Engines without tables for services need not have it.
    nonisolated(nonsending) func startTransaction(
        _ name: String, retry: RunRetryPolicy?, _ step: TransactionalStep
    ) async throws -> OperationHandle
    /// Calls another handler.
    nonisolated(nonsending) func startCall(
        _ target: HandlerAddress, input: [UInt8], idempotencyKey: String?
    ) async throws -> StartedCall
    /// Sends one way, optionally after a delay, and returns the id of the new invocation.
    nonisolated(nonsending) func send(
        _ target: HandlerAddress, input: [UInt8], delayMs: Int64?, idempotencyKey: String?
    ) async throws -> String
    /// Begins a durable timer.
    nonisolated(nonsending) func startSleep(durationMs: Int64) async throws -> OperationHandle
    /// Begins a durable timer that is over at a moment, in milliseconds since 1970.
    nonisolated(nonsending) func startSleep(untilMs: Int64) async throws -> OperationHandle
    nonisolated(nonsending) func createAwakeable() async throws -> StartedAwakeable
    nonisolated(nonsending) func completeAwakeable(_ id: String, with result: OperationResult) async throws

    /// Begins to wait for a durable promise of the workflow that the invocation belongs to.
    nonisolated(nonsending) func startPromise(_ name: String) async throws -> OperationHandle
    /// The result of a promise if it has been completed.
    nonisolated(nonsending) func peekPromise(_ name: String) async throws -> OperationResult?
    /// Completes a promise; throws a `TerminalError` with code 409 when it was completed already.
    nonisolated(nonsending) func completePromise(_ name: String, with result: OperationResult) async throws

    /// Begins to wait for the result of any invocation.
    nonisolated(nonsending) func startAttach(_ invocationID: String) async throws -> OperationHandle
    /// The result of any invocation if it has ended. An unknown one gives a failure with code 404.
    nonisolated(nonsending) func output(of invocationID: String) async throws -> OperationResult?
    /// Asks an invocation to end; see `HandlerContext.cancel`.
    nonisolated(nonsending) func cancel(_ invocationID: String) async throws
    /// Whether this invocation goes through the change of that name.
    nonisolated(nonsending) func patched(_ id: String) async throws -> Bool

    /// Waits until the condition holds for what the handles stand for; returns the one that decided, nil when nothing
    /// had to be decided.
    nonisolated(nonsending) func wait(
        for handles: [OperationHandle], until condition: WaitCondition
    ) async throws -> OperationHandle?
    /// Waits until what `handle` stands for has ended. Any number of waits on one handle give the same result.
    nonisolated(nonsending) func result(of handle: OperationHandle) async throws -> OperationResult
    /// Journaled time in milliseconds since 1970.
    nonisolated(nonsending) func nowMs() async throws -> Int64
    /// Emits one log line once everything before it is durable; silent while replaying. Never waits.
    func log(_ line: LogLine)
    /// Tells everybody who listens to a topic, once everything before it is durable, in the order of what was decided;
    /// silent while replaying. Never waits.
    func publish(_ event: PublishedEvent)
    /// The id of the run of a workflow, whether there is one or not.
    func invocationID(ofWorkflow name: String, key: String) -> String
}

extension DurableOperations {
    /// For engines without timers of this kind. Should the attempt end between the two operations, the timer is late by
    /// as much as it takes to begin again.
    public nonisolated(nonsending) func startSleep(untilMs: Int64) async throws -> OperationHandle {
        try await startSleep(durationMs: max(0, untilMs - nowMs()))
    }

    /// Refuses: services that declare tables are not registered with an engine that keeps none.
    public nonisolated(nonsending) func startTransaction(
        _ name: String, retry: RunRetryPolicy?, _ step: TransactionalStep
    ) async throws -> OperationHandle {
        throw TerminalError("transaction '\(name)' is not possible: this engine keeps no tables for services")
    }
}

/// When a wait for several operations is over.
public enum WaitCondition: Sendable, Hashable, CaseIterable {
    /// One of them has ended.
    case first
    /// All have succeeded, or one has failed.
    case all
    /// One has succeeded, or all have failed.
    case firstSuccess
    /// All have ended.
    case allSettled
}

/// Names a started operation within its invocation.
public struct OperationHandle: Hashable, Sendable {
    /// Position among the operations of this attempt.
    public let index: Int

    public init(index: Int) { self.index = index }
}

/// How an operation ended. A sleep ends with empty bytes.
public enum OperationResult: Hashable, Sendable {
    case success([UInt8])
    case failure(TerminalError)
}

/// A call that is under way.
public struct StartedCall: Sendable {
    /// Stands for its result.
    public let handle: OperationHandle
    /// The callee's public id, `inv_1…`.
    public let invocationID: String

    public init(handle: OperationHandle, invocationID: String) {
        self.handle = handle
        self.invocationID = invocationID
    }
}

/// An awakeable that can be completed from now on.
public struct StartedAwakeable: Sendable {
    /// Stands for its result.
    public let handle: OperationHandle
    /// `sign_1…`: whoever has it can resolve or reject.
    public let id: String

    public init(handle: OperationHandle, id: String) {
        self.handle = handle
        self.id = id
    }
}

/// Where a call or send goes.
public struct HandlerAddress: Hashable, Sendable {
    /// The name of the service.
    public let service: String
    /// nil for plain services.
    public let key: String?
    /// The name of the handler.
    public let handler: String

    public init(service: String, key: String? = nil, handler: String) {
        self.service = service
        self.key = key
        self.handler = handler
    }
}

/// What a handler may know about its own invocation.
public struct InvocationInfo: Sendable {
    /// The public id, `inv_1…`; the same for every attempt.
    public let id: String
    /// The handler that is executed.
    public let address: HandlerAddress
    /// Request headers as the ingress passed them on, names in lower case.
    public let headers: [(name: String, value: String)]
    /// The caller's key, if it sent one.
    public let idempotencyKey: String?
    /// Stored with the invocation: the same for every attempt.
    public let randomSeed: UInt64

    public init(
        id: String, address: HandlerAddress, headers: [(name: String, value: String)] = [],
        idempotencyKey: String? = nil, randomSeed: UInt64
    ) {
        self.id = id
        self.address = address
        self.headers = headers
        self.idempotencyKey = idempotencyKey
        self.randomSeed = randomSeed
    }
}

/// This attempt of the handler is over (the server stops, or another attempt has taken over). Not an error of the
/// handler's: let it through; every further operation throws it again.
public struct AttemptEnded: Error, Sendable {
    public init() {}
}
