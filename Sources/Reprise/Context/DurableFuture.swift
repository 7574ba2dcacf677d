/// The result of something that has been started durably. Hold several to let them proceed at the same time.
///
/// It belongs to its context and is not `Sendable`. Not waiting for it is allowed: what it stands for runs on.
public struct DurableFuture<Value: Sendable> {
    let operations: any DurableOperations
    let handle: OperationHandle
    let decode: @Sendable ([UInt8]) throws -> Value
    /// What is decoded, for the message of `StoredValueError`.
    let source: String
    /// The public id of the invocation whose result this is, `inv_1…`; nil for what is no call.
    public private(set) var invocationID: String?

    /// Waits for the result; every wait gives the same one.
    ///
    /// - Throws: the `TerminalError` with which it ended, or one with code 409 when the invocation was cancelled;
    ///   `StoredValueError` when the result is no `Value`.
    public nonisolated(nonsending) func value() async throws -> Value {
        switch try await operations.result(of: handle) {
        case .success(let bytes):
            do {
                return try decode(bytes)
            } catch {
                throw StoredValueError(source: source, reason: decodingProblem(error))
            }
        case .failure(let error):
            throw error
        }
    }

    /// Waits for the result and lets cancellations pass, which end a wait and nothing else: what undoes the work of a
    /// cancelled handler must not be cancelled itself.
    nonisolated(nonsending) func valueInSpiteOfCancellation() async throws -> Value {
        var isOver = false
        while !isOver {
            do {
                // For one operation this throws nothing but the cancellation; what it ended with comes from `value`.
                _ = try await operations.wait(for: [handle], until: .first)
                isOver = true
            } catch is TerminalError {}
        }
        return try await value()
    }

    /// The same future with another type: for `race` and `any` over futures of different types.
    public func map<Mapped: Sendable>(
        _ transform: @escaping @Sendable (Value) throws -> Mapped
    ) -> DurableFuture<Mapped> {
        let decode = decode
        var mapped = DurableFuture<Mapped>(
            operations: operations, handle: handle, decode: { try transform(decode($0)) }, source: source)
        mapped.invocationID = invocationID
        return mapped
    }

    func ofInvocation(_ id: String) -> Self {
        var future = self
        future.invocationID = id
        return future
    }
}

@available(*, unavailable) extension DurableFuture: Sendable {}

/// Something outside of the engine that a handler waits for: whoever has its id can complete it, with
/// `resolveAwakeable` from another handler or with `POST /restate/awakeables/{id}/resolve`.
public struct Awakeable<Value: Sendable> {
    /// `sign_1…`; give it to whoever is to answer.
    public let id: String
    let future: DurableFuture<Value>

    /// Waits for the answer. Throws as `DurableFuture.value` does; a rejection is a `TerminalError`.
    public nonisolated(nonsending) func value() async throws -> Value { try await future.value() }
}

@available(*, unavailable) extension Awakeable: Sendable {}

/// Something stored (a state value, a result in the journal) does not decode as the type that the code now asks for.
/// Not terminal: the invocation is retried and then paused, and goes on when the code fits the data again.
public struct StoredValueError: Error, Sendable, CustomStringConvertible {
    /// Which value, such as `state 'hold'`.
    public let source: String
    /// What does not fit.
    public let reason: String

    public init(source: String, reason: String) {
        self.source = source
        self.reason = reason
    }

    public var description: String { "\(source) does not decode: \(reason)" }
}
