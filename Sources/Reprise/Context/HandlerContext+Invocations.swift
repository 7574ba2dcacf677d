// Other invocations, by their public id.
extension HandlerContext {
    /// Waits for the result of an invocation that `handler` executes, whoever started it.
    ///
    /// - Throws: its `TerminalError`; one with code 404 when there is no such invocation or its result is not kept any
    ///   more; `StoredValueError` when the result is no `Output`.
    public nonisolated(nonsending) final func attach<Callee, Input, Output>(
        _ invocationID: String, of handler: Handler<Callee, Input, Output>
    ) async throws -> Output {
        try await attachFuture(invocationID, of: handler).value()
    }

    /// Begins to wait for the result of an invocation; otherwise as `attach`.
    public nonisolated(nonsending) final func attachFuture<Callee, Input, Output>(
        _ invocationID: String, of handler: Handler<Callee, Input, Output>
    ) async throws -> DurableFuture<Output> {
        DurableFuture(
            operations: operations, handle: try await operations.startAttach(invocationID),
            decode: handler.outputCodec.decode, source: "answer of \(Callee.name)/\(handler.name)"
        ).ofInvocation(invocationID)
    }

    /// The result of an invocation that `handler` executes if it has ended, else nil; never waits. Throws as `attach`.
    public nonisolated(nonsending) final func output<Callee, Input, Output>(
        of invocationID: String, by handler: Handler<Callee, Input, Output>
    ) async throws -> Output? {
        try await operations.output(of: invocationID).map(handler.output(of:))
    }

    /// Asks an invocation to end: its next wait throws a `TerminalError` with code 409, so that it can undo what it
    /// did, and what it has called is cancelled too. One that has not begun is taken back. Nothing happens to one that
    /// has ended.
    public nonisolated(nonsending) final func cancel(_ invocationID: String) async throws {
        try await operations.cancel(invocationID)
    }

    /// Whether this invocation goes through a change of the code: false for those that passed here before the change
    /// was made, true for all others, and the same in every replay. So changed code can serve old journals:
    ///
    ///     if try await ctx.patched("mail before payment") { …new… } else { …old… }
    ///
    /// - Parameter id: Names the change; once journaled it must not be removed while invocations that have it live.
    public nonisolated(nonsending) final func patched(_ id: String) async throws -> Bool {
        if let known = patches[id] { return known }
        let isPatched = try await operations.patched(id)
        patches[id] = isPatched
        return isPatched
    }
}

extension HandlerClient where Callee: Workflow {
    /// The public id of this workflow's run, whether it has begun or not: for `attach` and `cancel`.
    public var invocationID: String { operations.invocationID(ofWorkflow: Callee.name, key: key ?? "") }

    /// Waits for the result of the run. Throws as `HandlerContext.attach`: 404 when it has not begun.
    public nonisolated(nonsending) func attach<Input, Output>(
        _ handler: Handler<Callee, Input, Output>
    ) async throws -> Output {
        let future = DurableFuture(
            operations: operations, handle: try await operations.startAttach(invocationID),
            decode: handler.outputCodec.decode, source: "answer of \(Callee.name)/\(handler.name)")
        return try await future.value()
    }

    /// The result of the run if it has ended, else nil. Throws as `attach`.
    public nonisolated(nonsending) func output<Input, Output>(
        _ handler: Handler<Callee, Input, Output>
    ) async throws -> Output? {
        try await operations.output(of: invocationID).map(handler.output(of:))
    }
}
