/// The context of a workflow's shared handlers: reads its state and uses its promises.
public class SharedWorkflowContext: SharedObjectContext {
    /// The promise of that name, shared by all handlers of this workflow key. Mirrors Restate's durable promises.
    public final func promise<Value>(_ key: PromiseKey<Value>) -> WorkflowPromise<Value> {
        WorkflowPromise(operations: operations, key: key)
    }
}

/// The context of a workflow's run: the only one that changes its state.
public final class WorkflowContext: SharedWorkflowContext {
    /// Stores a value for shared handlers to read. It is kept as long as the result of the run.
    public nonisolated(nonsending) func set<Value>(_ stateKey: StateKey<Value>, _ value: Value) async throws {
        try await operations.setState(stateKey.name, try stateKey.codec.encode(value))
    }

    /// Removes one value.
    public nonisolated(nonsending) func clear<Value>(_ stateKey: StateKey<Value>) async throws {
        try await operations.clearState(stateKey.name)
    }

    /// Removes everything stored under this key.
    public nonisolated(nonsending) func clearAll() async throws {
        try await operations.clearAllState()
    }
}

/// The name and type of a promise. Declare it once, beside the handlers of the workflow.
public struct PromiseKey<Value: Codable & Sendable>: Sendable {
    /// Its name among the promises of the workflow.
    public let name: String
    let codec: PayloadCodec<Value>

    public init(_ name: String) {
        self.name = name
        codec = .automatic()
    }
}

/// A value that one handler of a workflow waits for and another one provides. It can be completed once, before or after
/// somebody waits, and it is kept as long as the result of the run.
public struct WorkflowPromise<Value: Codable & Sendable> {
    let operations: any DurableOperations
    let key: PromiseKey<Value>

    /// Waits for the value.
    ///
    /// - Throws: the `TerminalError` with which the promise was rejected; as `DurableFuture.value`.
    public nonisolated(nonsending) func value() async throws -> Value { try await future().value() }

    /// Begins to wait for the value, to wait for other things beside it.
    public nonisolated(nonsending) func future() async throws -> DurableFuture<Value> {
        DurableFuture(
            operations: operations, handle: try await operations.startPromise(key.name), decode: key.codec.decode,
            source: "promise '\(key.name)'")
    }

    /// The value if the promise has been completed, else nil; never waits.
    ///
    /// - Throws: the `TerminalError` with which it was rejected.
    public nonisolated(nonsending) func peek() async throws -> Value? {
        switch try await operations.peekPromise(key.name) {
        case nil: return nil
        case .failure(let error): throw error
        case .success(let bytes):
            do {
                return try key.codec.decode(bytes)
            } catch {
                throw StoredValueError(source: "promise '\(key.name)'", reason: decodingProblem(error))
            }
        }
    }

    /// Completes the promise with a value.
    ///
    /// - Throws: a `TerminalError` with code 409 when it was completed before.
    public nonisolated(nonsending) func resolve(_ value: Value) async throws {
        try await operations.completePromise(key.name, with: .success(try key.codec.encode(value)))
    }

    /// Completes the promise with an error: whoever waits gets a `TerminalError` with this message. Throws as
    /// `resolve`.
    public nonisolated(nonsending) func reject(_ message: String, code: Int = 500) async throws {
        try await operations.completePromise(key.name, with: .failure(TerminalError(message, code: code)))
    }
}

@available(*, unavailable) extension WorkflowPromise: Sendable {}
