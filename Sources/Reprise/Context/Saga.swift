/// What must be taken back if a handler does not reach its end: compensations are registered as the handler goes, and
/// run in reverse order when it ends with a `TerminalError`, a cancellation included.
///
///     try await ctx.saga { saga in
///         saga.compensate("release seat") { try await tickets.release(seat) }
///         try await ctx.run("reserve seat") { try await tickets.reserve(seat) }
///         …
///     }
///
/// Register before the step that may have to be undone: a step that was cut short may have happened.
public final class Saga {
    /// Code of the handler: it may use the context.
    public typealias Code = nonisolated(nonsending) () async throws -> Void

    private enum Compensation {
        case step(String, RunRetryPolicy?, @Sendable () async throws -> Void)
        case code(Code)
    }

    private let context: HandlerContext
    private var compensations: [Compensation] = []

    init(_ context: HandlerContext) { self.context = context }

    /// Registers a durable step that touches the world outside: it is executed as `HandlerContext.run` does, at least
    /// once, and until it succeeds unless `retry` says otherwise, in spite of cancellations that arrive meanwhile. It
    /// must do nothing if there is nothing to undo.
    public func compensate(
        _ name: String, retry: RunRetryPolicy? = nil, _ closure: @escaping @Sendable () async throws -> Void
    ) {
        compensations.append(.step(name, retry, closure))
    }

    /// Registers code that uses the context: calls, sends, state. Each of its operations is journaled. A cancellation
    /// that arrives while it waits reaches it as any code: what must happen in spite of that is sent, or made a step.
    public func compensate(_ code: @escaping Code) {
        compensations.append(.code(code))
    }

    /// Forgets everything: from here on there is nothing to take back.
    public func commit() { compensations = [] }

    /// Last things first. A compensation that ends with a `TerminalError` is logged and does not keep the others back.
    nonisolated(nonsending) func undo() async throws {
        while let compensation = compensations.popLast() {
            do {
                switch compensation {
                case .step(let name, let retry, let closure):
                    try await context.runFuture(name, retry: retry, closure).valueInSpiteOfCancellation()
                case .code(let code): try await code()
                }
            } catch let error as TerminalError {
                context.logger.error("a compensation failed for good: \(error.message)")
            }
        }
    }
}

@available(*, unavailable) extension Saga: Sendable {}

extension HandlerContext {
    /// Runs `body`; when it throws a `TerminalError`, runs the compensations registered so far, then throws that error.
    /// Every other error (a retry, the end of the attempt) passes without compensation: the handler goes on later.
    public nonisolated(nonsending) final func saga<Value>(
        _ body: nonisolated(nonsending) (Saga) async throws -> Value
    ) async throws -> Value {
        let saga = Saga(self)
        do {
            return try await body(saga)
        } catch let error as TerminalError {
            try await saga.undo()
            throw error
        }
    }
}
