public import Reprise

/// One execution of a handler to its end.
public struct TestRun<Output: Sendable>: Sendable {
    /// How it ended.
    public let result: Result<Output, TerminalError>
    /// As it was recorded.
    public let invocation: RecordedInvocation

    /// What the handler returned.
    ///
    /// - Throws: the `TerminalError` with which it ended.
    public var output: Output {
        get throws(TerminalError) { try result.get() }
    }

    /// How it ended.
    public var status: RecordedInvocation.Status { invocation.status }
    /// Steps, waits, calls, sends, awakeables and promises, in the order in which the handler asked.
    public var operations: [RecordedOperation] { invocation.operations }
}

extension TestRuntime {
    /// Executes a handler to its end and takes down what it did.
    ///
    /// - Parameter key: Of the object or the workflow; nil for plain services.
    /// - Throws: `ServerBusy`; `StoredValueError` when the result is no `Output`; `TestStalled` when it does not end.
    public func run<Callee, Input, Output>(
        _ handler: Handler<Callee, Input, Output>, key: String? = nil, _ input: Input
    ) async throws -> TestRun<Output> {
        let sent = try await InvocationClient<Callee>(world.client, key: key).send(handler, input)
        let result: Result<Output, TerminalError>
        do {
            result = .success(try await client.attach(sent.id, of: handler))
        } catch let error as TerminalError {
            result = .failure(error)
        }
        guard let invocation = await invocation(sent.id) else { throw UnknownInvocation(id: sent.id) }
        return TestRun(result: result, invocation: invocation)
    }

    /// `run` of a handler without input.
    public func run<Callee, Output>(
        _ handler: Handler<Callee, Void, Output>, key: String? = nil
    ) async throws -> TestRun<Output> {
        try await run(handler, key: key, ())
    }
}
