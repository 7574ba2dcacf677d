extension HandlerContext {
    /// Executes a step that touches the world outside, and journals its result. The closure runs at least once (again
    /// after a crash in the middle of it); its result is recorded exactly once, and replay reuses it.
    ///
    /// - Parameters:
    ///   - name: Appears in the journal; replay compares it.
    ///   - retry: When a failed closure runs again. nil: as the handler's own attempts are retried, then paused.
    ///   - closure: Runs elsewhere, without access to the context. A `TerminalError` that it throws is recorded.
    /// - Throws: the recorded `TerminalError`, also when the policy is exhausted.
    public nonisolated(nonsending) final func run<Value: Codable & Sendable>(
        _ name: String, retry: RunRetryPolicy? = nil, _ closure: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await runFuture(name, retry: retry, closure).value()
    }

    /// `run` for a step without result.
    public nonisolated(nonsending) final func run(
        _ name: String, retry: RunRetryPolicy? = nil, _ closure: @escaping @Sendable () async throws -> Void
    ) async throws {
        try await runFuture(name, retry: retry, closure).value()
    }

    /// Begins a step without waiting for it; otherwise as `run`.
    public nonisolated(nonsending) final func runFuture<Value: Codable & Sendable>(
        _ name: String, retry: RunRetryPolicy? = nil, _ closure: @escaping @Sendable () async throws -> Value
    ) async throws -> DurableFuture<Value> {
        let codec = PayloadCodec<Value>.automatic()
        let handle = try await operations.startRun(name, retry: retry) { try codec.encode(try await closure()) }
        return DurableFuture(
            operations: operations, handle: handle, decode: codec.decode, source: "result of run '\(name)'")
    }

    /// Begins a step that has no result; otherwise as `run`.
    public nonisolated(nonsending) final func runFuture(
        _ name: String, retry: RunRetryPolicy? = nil, _ closure: @escaping @Sendable () async throws -> Void
    ) async throws -> DurableFuture<Void> {
        let handle = try await operations.startRun(name, retry: retry) {
            try await closure()
            return []
        }
        return DurableFuture(
            operations: operations, handle: handle, decode: { _ in () }, source: "result of run '\(name)'")
    }
}
