/// Calls handlers from outside of handlers (from HTTP routes), by their types. Private handlers are reachable too.
public struct RepriseClient: Sendable {
    let operations: any ClientOperations

    public init(_ operations: any ClientOperations) { self.operations = operations }

    /// Where to call a plain service.
    public func service<Callee: Service>(_: Callee.Type) -> InvocationClient<Callee> {
        InvocationClient(operations, key: nil)
    }

    /// Where to call the object with this key.
    public func object<Callee: VirtualObject>(_: Callee.Type, key: String) -> InvocationClient<Callee> {
        InvocationClient(operations, key: key)
    }

    /// Where to call the workflow with this key.
    public func workflow<Callee: Workflow>(_: Callee.Type, key: String) -> InvocationClient<Callee> {
        InvocationClient(operations, key: key)
    }

    /// Asks an invocation to end, as `HandlerContext.cancel` does.
    ///
    /// - Throws: `UnknownInvocation`; `ServerBusy`.
    public func cancel(_ invocationID: String) async throws {
        guard try await operations.cancel(invocationID) else { throw UnknownInvocation(id: invocationID) }
    }

    /// Waits for the result of an invocation that `handler` executes.
    ///
    /// - Throws: its `TerminalError`; `UnknownInvocation`; `StoredValueError` when the result is no `Output`.
    public func attach<Callee, Input, Output>(
        _ invocationID: String, of handler: Handler<Callee, Input, Output>
    ) async throws -> Output {
        guard let result = try await operations.attach(invocationID) else { throw UnknownInvocation(id: invocationID) }
        return try handler.output(of: result)
    }

    /// The result of an invocation that `handler` executes, nil while it has none. Throws as `attach`.
    public func output<Callee, Input, Output>(
        _ invocationID: String, of handler: Handler<Callee, Input, Output>
    ) async throws -> Output? {
        switch try await operations.output(of: invocationID) {
        case .ended(let result): try handler.output(of: result)
        case .notReady: nil
        case .unknown: throw UnknownInvocation(id: invocationID)
        }
    }

    /// Completes an awakeable with a value. Only the first completion counts.
    public func resolveAwakeable<Value: Codable & Sendable>(_ id: String, _ value: Value) async throws {
        let bytes = try PayloadCodec<Value>.automatic().encode(value)
        try await operations.completeAwakeable(id, with: .success(bytes))
    }

    /// Completes an awakeable with an error: whoever waits for it gets a `TerminalError` with this message.
    public func rejectAwakeable(_ id: String, _ message: String) async throws {
        try await operations.completeAwakeable(id, with: .failure(TerminalError(message)))
    }
}

/// A service or object, seen from outside of handlers.
public struct InvocationClient<Callee: ServiceDefinition>: Sendable {
    let operations: any ClientOperations
    let key: String?

    package init(_ operations: any ClientOperations, key: String?) {
        self.operations = operations
        self.key = key
    }

    /// Calls and waits for the answer.
    ///
    /// - Parameter idempotencyKey: Calls with equal keys to one handler are one invocation.
    /// - Throws: the handler's `TerminalError`; `ServerBusy`.
    public func call<Input, Output>(
        _ handler: Handler<Callee, Input, Output>, _ input: Input, idempotencyKey: String? = nil
    ) async throws -> Output {
        let ended = try await operations.call(
            address(handler.name), input: try handler.inputCodec.encode(input), idempotencyKey: idempotencyKey)
        return try handler.output(of: ended.result)
    }

    /// Sends one way; when this returns, the message is durable.
    ///
    /// - Parameter delay: When the handler is to start, from now. nil: at once.
    @discardableResult
    public func send<Input, Output>(
        _ handler: Handler<Callee, Input, Output>, _ input: Input, after delay: Duration? = nil,
        idempotencyKey: String? = nil
    ) async throws -> SentInvocation {
        try await operations.send(
            address(handler.name), input: try handler.inputCodec.encode(input),
            delayMs: delay.map { max(0, $0.wholeMilliseconds) }, idempotencyKey: idempotencyKey)
    }

    /// `call` of a handler without input.
    public func call<Output>(
        _ handler: Handler<Callee, Void, Output>, idempotencyKey: String? = nil
    ) async throws -> Output {
        try await call(handler, (), idempotencyKey: idempotencyKey)
    }

    /// `send` to a handler without input.
    @discardableResult
    public func send<Output>(
        _ handler: Handler<Callee, Void, Output>, after delay: Duration? = nil, idempotencyKey: String? = nil
    ) async throws -> SentInvocation {
        try await send(handler, (), after: delay, idempotencyKey: idempotencyKey)
    }

    private func address(_ handler: String) -> HandlerAddress {
        HandlerAddress(service: Callee.name, key: key, handler: handler)
    }
}

extension InvocationClient where Callee: Workflow {
    /// The public id of this workflow's run, whether it has begun or not.
    public var invocationID: String { operations.invocationID(ofWorkflow: Callee.name, key: key ?? "") }

    /// Waits for the result of the run. Throws as `RepriseClient.attach`.
    public func attach<Input, Output>(_ handler: Handler<Callee, Input, Output>) async throws -> Output {
        try await RepriseClient(operations).attach(invocationID, of: handler)
    }

    /// The result of the run, nil while it has none. Throws as `RepriseClient.attach`.
    public func output<Input, Output>(_ handler: Handler<Callee, Input, Output>) async throws -> Output? {
        try await RepriseClient(operations).output(invocationID, of: handler)
    }
}

extension Handler {
    func output(of result: OperationResult) throws -> Output {
        switch result {
        case .success(let bytes):
            do {
                return try outputCodec.decode(bytes)
            } catch {
                throw StoredValueError(
                    source: "answer of \(Owner.name)/\(name)", reason: decodingProblem(error))
            }
        case .failure(let error):
            throw error
        }
    }
}
