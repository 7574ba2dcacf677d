extension HandlerContext {
    /// Executes SQL on the tables that this service declares (``ServiceDefinition/serviceTables``), exactly once: the
    /// changes and the journal entry of this step are committed in one transaction. A crash leaves both or neither, so
    /// what is counted here is counted once, without keys against repetition.
    ///
    /// Use it for data of your own that must agree with what the engine remembers: ledgers, stock, counters. Use `run`
    /// for everything outside of the server's data file, which can only be at least once.
    ///
    /// The server commits nothing else meanwhile: a step that takes longer than 250 ms (the server's
    /// `transactionTimeMax`) fails. One that has failed has changed nothing and is executed again.
    ///
    /// - Parameters:
    ///   - name: Appears in the journal; replay compares it.
    ///   - retry: When a failed step is executed again. nil: as the handler's own attempts are retried, then paused.
    ///   - statements: Executed in order, all or none.
    /// - Returns: the rows of the last statement.
    /// - Throws: a `TerminalError` when the policy is exhausted, or when the service declares no tables. A cancellation
    ///   ends the wait only: the step may still be executed.
    @discardableResult
    public nonisolated(nonsending) final func transaction(
        _ name: String, retry: RunRetryPolicy? = nil, _ statements: SQLStatement...
    ) async throws -> SQLResult {
        try await transactionFuture(name, retry: retry, statements: statements).value()
    }

    /// As above, with statements in a list.
    @discardableResult
    public nonisolated(nonsending) final func transaction(
        _ name: String, retry: RunRetryPolicy? = nil, statements: [SQLStatement]
    ) async throws -> SQLResult {
        try await transactionFuture(name, retry: retry, statements: statements).value()
    }

    /// Begins a transactional step without waiting for it; otherwise as `transaction`.
    public nonisolated(nonsending) final func transactionFuture(
        _ name: String, retry: RunRetryPolicy? = nil, statements: [SQLStatement]
    ) async throws -> DurableFuture<SQLResult> {
        let codec = PayloadCodec<SQLResult>.automatic()
        let handle = try await operations.startTransaction(
            name, retry: retry, TransactionalStep(statements: statements, encode: codec.encode))
        return DurableFuture(
            operations: operations, handle: handle, decode: codec.decode, source: "result of transaction '\(name)'")
    }
}
