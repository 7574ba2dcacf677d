// Waiting for several futures of one handler. Which of them decided is a function of the journal: replay decides alike.

extension DurableFuture {
    /// Waits until all have succeeded; the values in the order of the futures. With no futures it is empty.
    ///
    /// - Throws: as soon as one fails, its `TerminalError`; otherwise as `value`.
    public nonisolated(nonsending) static func all(_ futures: [Self]) async throws -> [Value] {
        guard let operations = futures.first?.operations else { return [] }
        try await waitForAll(futures.map(\.handle), operations)
        var values: [Value] = []
        values.reserveCapacity(futures.count)
        for future in futures { values.append(try await future.value()) }
        return values
    }

    /// Waits until one has succeeded; later ones run on unheard.
    ///
    /// - Throws: when all have failed, a `TerminalError` with the code of the first and all messages.
    public nonisolated(nonsending) static func any(_ futures: [Self]) async throws -> Value {
        let operations = try operations(of: futures)
        guard let decisive = try await operations.wait(for: futures.map(\.handle), until: .firstSuccess),
            let winner = futures.first(where: { $0.handle == decisive })
        else { throw EmptyWait.error }
        if case .success = try await operations.result(of: decisive) { return try await winner.value() }
        var failures: [TerminalError] = []
        for future in futures {
            if case .failure(let error) = try await operations.result(of: future.handle) { failures.append(error) }
        }
        throw TerminalError(
            "none of \(futures.count) succeeded: " + failures.map(\.message).joined(separator: "; "),
            code: failures.first?.code ?? 500)
    }

    /// Waits until one has ended, and gives its value or throws its error; the others run on unheard.
    public nonisolated(nonsending) static func race(_ futures: [Self]) async throws -> Value {
        let operations = try operations(of: futures)
        guard let decisive = try await operations.wait(for: futures.map(\.handle), until: .first),
            let winner = futures.first(where: { $0.handle == decisive })
        else { throw EmptyWait.error }
        return try await winner.value()
    }

    /// Waits until all have ended, however; what they gave, in the order of the futures.
    public nonisolated(nonsending) static func allSettled(
        _ futures: [Self]
    ) async throws -> [Result<Value, TerminalError>] {
        guard let operations = futures.first?.operations else { return [] }
        _ = try await operations.wait(for: futures.map(\.handle), until: .allSettled)
        var results: [Result<Value, TerminalError>] = []
        results.reserveCapacity(futures.count)
        for future in futures {
            if case .failure(let error) = try await operations.result(of: future.handle) {
                results.append(.failure(error))
            } else {
                results.append(.success(try await future.value()))
            }
        }
        return results
    }

    /// Waits at most so long; the wait survives restarts and never starts anew.
    ///
    /// - Throws: a `TerminalError` with code 408 when the time has passed first; what the future stands for runs on.
    public nonisolated(nonsending) func value(within timeout: Duration) async throws -> Value {
        let timer = try await operations.startSleep(durationMs: max(0, timeout.wholeMilliseconds))
        let decisive = try await operations.wait(for: [handle, timer], until: .first)
        guard decisive == handle else { throw TerminalError("Timeout occurred", code: 408) }
        return try await value()
    }

    private static func operations(of futures: [Self]) throws -> any DurableOperations {
        guard let first = futures.first else { throw EmptyWait.error }
        return first.operations
    }
}

extension HandlerContext {
    /// Waits until futures of different types have all succeeded; otherwise as `DurableFuture.all`.
    public nonisolated(nonsending) final func all<each Value: Sendable>(
        _ future: repeat DurableFuture<each Value>
    ) async throws -> (repeat each Value) {
        var handles: [OperationHandle] = []
        repeat handles.append((each future).handle)
        try await waitForAll(handles, operations)
        return (repeat try await (each future).value())
    }
}

private nonisolated(nonsending) func waitForAll(
    _ handles: [OperationHandle], _ operations: any DurableOperations
) async throws {
    guard let decisive = try await operations.wait(for: handles, until: .all) else { return }
    if case .failure(let error) = try await operations.result(of: decisive) { throw error }
}

private enum EmptyWait {
    static let error = TerminalError("the first of no futures never comes")
}

extension Awakeable {
    /// Waits at most so long for the answer. Throws as `DurableFuture.value(within:)`.
    public nonisolated(nonsending) func value(within timeout: Duration) async throws -> Value {
        try await future.value(within: timeout)
    }

    /// The answer as a future, to wait for other things beside it.
    public var answer: DurableFuture<Value> { future }
}
