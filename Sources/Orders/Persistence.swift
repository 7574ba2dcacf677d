import Reprise

extension TerminalError {
    /// How a wait ends when somebody cancels the invocation, or the one that is waited for before it has begun.
    var isCancellation: Bool { code == 409 && ["Cancelled", "canceled"].contains(message) }
}

extension RunRetryPolicy {
    /// For what must happen in the end: a database that is locked or away for a while, a gateway that must give money
    /// back.
    static let untilItWorks = RunRetryPolicy(initialDelay: .milliseconds(50), maxDelay: .seconds(2))
}

extension HandlerContext {
    /// Executes a step until it works, whatever cancellations arrive meanwhile.
    ///
    /// - Returns: whether one has arrived.
    nonisolated(nonsending) func persist(
        _ name: String, _ step: @escaping @Sendable () async throws -> Void
    ) async throws -> Bool {
        try await outlast(try await runFuture(name, retry: .untilItWorks, step))
    }

    /// As above, in the server's own data file.
    nonisolated(nonsending) func persist(_ name: String, _ statement: SQLStatement) async throws -> Bool {
        try await outlast(try await transactionFuture(name, retry: .untilItWorks, statements: [statement]))
    }

    private nonisolated(nonsending) func outlast<Value>(_ future: DurableFuture<Value>) async throws -> Bool {
        var isCancelled = false
        while true {
            do {
                _ = try await future.value()
                return isCancelled
            } catch let error as TerminalError where error.isCancellation {
                isCancelled = true
            }
        }
    }
}

/// Repeats a call that a cancellation interrupts: compensations happen. What is called must bear repetition.
nonisolated(nonsending) func insist<Value>(
    _ call: nonisolated(nonsending) () async throws -> Value
) async throws -> Value {
    while true {
        do {
            return try await call()
        } catch let error as TerminalError where error.isCancellation {
            continue
        }
    }
}
