extension HandlerContext {
    /// Executes SQL on the tables that this service declares (`ServiceDefinition.tables`), exactly once: the changes and
    /// the journal entry of this step are committed in one transaction. A crash leaves both or neither, so what is
    /// counted here is counted once, without keys against repetition.
    ///
    /// Use it for data of your own that must agree with what the engine remembers: ledgers, stock, counters. Use `run`
    /// for everything outside of the server's data file, which can only be at least once.
    ///
    /// The server commits nothing else meanwhile: a step ends after 250 ms at the latest, as failed. One that has failed
    /// has changed nothing and is executed again.
    ///
    /// - Parameters:
    ///   - name: Appears in the journal; replay compares it.
    ///   - retry: When a failed step is executed again. nil: as the handler's own attempts are retried, then paused.
    /// - Returns: the rows of the last statement.
    /// - Throws: a `TerminalError` when the policy is exhausted, or when the engine keeps no tables.
    @discardableResult
    public nonisolated(nonsending) final func transaction(
        _ name: String, retry: RunRetryPolicy? = nil, _ statements: SQLStatement...
    ) async throws -> SQLResult {
        try await transaction(name, retry: retry, statements: statements)
    }

    /// As above, with statements in a list.
    @discardableResult
    public nonisolated(nonsending) final func transaction(
        _ name: String, retry: RunRetryPolicy? = nil, statements: [SQLStatement]
    ) async throws -> SQLResult {
        let codec = PayloadCodec<SQLResult>.automatic()
        let handle = try await operations.startTransaction(
            name, retry: retry, TransactionalStep(statements: statements, encode: codec.encode))
        let future = DurableFuture(
            operations: operations, handle: handle, decode: codec.decode, source: "result of transaction '\(name)'")
        return try await future.value()
    }
}
