extension HandlerContext {
    /// Where to call a plain service.
    public final func service<Callee: Service>(_: Callee.Type) -> HandlerClient<Callee> {
        HandlerClient(operations: operations, key: nil)
    }

    /// Where to call the object with this key.
    public final func object<Callee: VirtualObject>(_: Callee.Type, key: String) -> HandlerClient<Callee> {
        HandlerClient(operations: operations, key: key)
    }

    /// Where to call the workflow with this key: its run, once, and its shared handlers.
    public final func workflow<Callee: Workflow>(_: Callee.Type, key: String) -> HandlerClient<Callee> {
        HandlerClient(operations: operations, key: key)
    }

    /// Makes something that a handler can wait for and the outside can complete.
    public nonisolated(nonsending) final func awakeable<Value: Codable & Sendable>(
        of _: Value.Type = Value.self
    ) async throws -> Awakeable<Value> {
        let started = try await operations.createAwakeable()
        let codec = PayloadCodec<Value>.automatic()
        return Awakeable(
            id: started.id,
            future: DurableFuture(
                operations: operations, handle: started.handle, decode: codec.decode, source: "awakeable"))
    }

    /// Completes an awakeable with a value. Only the first completion counts.
    public nonisolated(nonsending) final func resolveAwakeable(
        _ id: String, _ value: some Codable & Sendable
    ) async throws {
        let bytes = try encoded(value)
        try await operations.completeAwakeable(id, with: .success(bytes))
    }

    /// Completes an awakeable with an error: whoever waits for it gets a `TerminalError` with this message.
    public nonisolated(nonsending) final func rejectAwakeable(_ id: String, _ message: String) async throws {
        try await operations.completeAwakeable(id, with: .failure(TerminalError(message)))
    }

    private func encoded<Value: Codable & Sendable>(_ value: Value) throws -> [UInt8] {
        try PayloadCodec<Value>.automatic().encode(value)
    }
}

/// Another service or object, seen from a handler. Calls are journaled; a call that was sent once is never sent again.
public struct HandlerClient<Callee: ServiceDefinition> {
    let operations: any DurableOperations
    let key: String?

    /// Calls and waits for the answer.
    ///
    /// - Parameter idempotencyKey: Calls with equal keys to one handler are one invocation.
    /// - Throws: the callee's `TerminalError`.
    public nonisolated(nonsending) func call<Input, Output>(
        _ handler: Handler<Callee, Input, Output>, _ input: Input, idempotencyKey: String? = nil
    ) async throws -> Output {
        try await future(handler, input, idempotencyKey: idempotencyKey).value()
    }

    /// Calls without waiting; the callee starts at once.
    public nonisolated(nonsending) func future<Input, Output>(
        _ handler: Handler<Callee, Input, Output>, _ input: Input, idempotencyKey: String? = nil
    ) async throws -> DurableFuture<Output> {
        let bytes = try handler.inputCodec.encode(input)
        let call = try await operations.startCall(address(handler.name), input: bytes, idempotencyKey: idempotencyKey)
        return DurableFuture(
            operations: operations, handle: call.handle, decode: handler.outputCodec.decode,
            source: "answer of \(Callee.name)/\(handler.name)"
        ).ofInvocation(call.invocationID)
    }

    /// Sends one way: the message is delivered exactly once whatever becomes of the sender.
    ///
    /// - Parameter delay: When the callee is to start, from now; survives restarts. nil: at once.
    /// - Returns: the id of the new invocation.
    @discardableResult
    public nonisolated(nonsending) func send<Input, Output>(
        _ handler: Handler<Callee, Input, Output>, _ input: Input, after delay: Duration? = nil,
        idempotencyKey: String? = nil
    ) async throws -> String {
        let bytes = try handler.inputCodec.encode(input)
        return try await operations.send(
            address(handler.name), input: bytes, delayMs: delay.map { max(0, $0.wholeMilliseconds) },
            idempotencyKey: idempotencyKey)
    }

    private func address(_ handler: String) -> HandlerAddress {
        HandlerAddress(service: Callee.name, key: key, handler: handler)
    }
}

@available(*, unavailable) extension HandlerClient: Sendable {}

extension HandlerClient {
    /// `call` of a handler without input.
    public nonisolated(nonsending) func call<Output>(
        _ handler: Handler<Callee, Void, Output>, idempotencyKey: String? = nil
    ) async throws -> Output {
        try await call(handler, (), idempotencyKey: idempotencyKey)
    }

    /// `future` of a handler without input.
    public nonisolated(nonsending) func future<Output>(
        _ handler: Handler<Callee, Void, Output>, idempotencyKey: String? = nil
    ) async throws -> DurableFuture<Output> {
        try await future(handler, (), idempotencyKey: idempotencyKey)
    }

    /// `send` to a handler without input.
    @discardableResult
    public nonisolated(nonsending) func send<Output>(
        _ handler: Handler<Callee, Void, Output>, after delay: Duration? = nil, idempotencyKey: String? = nil
    ) async throws -> String {
        try await send(handler, (), after: delay, idempotencyKey: idempotencyKey)
    }
}
