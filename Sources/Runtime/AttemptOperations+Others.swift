import DurableModel
import EngineCore
import Reprise

// Promises of the workflow, other invocations, and versions of the code.
extension AttemptOperations {
    nonisolated(nonsending) func startPromise(_ name: String) async throws -> OperationHandle {
        guard case .started(let entry) = try await perform(.getPromise(name)) else { throw UnexpectedReply() }
        return OperationHandle(index: entry)
    }

    nonisolated(nonsending) func peekPromise(_ name: String) async throws -> OperationResult? {
        guard case .outcomeSoFar(let outcome) = try await perform(.peekPromise(name)) else { throw UnexpectedReply() }
        return outcome.map(OperationResult.init)
    }

    nonisolated(nonsending) func completePromise(_ name: String, with result: OperationResult) async throws {
        guard case .outcome(let outcome) = try await perform(.completePromise(name, Outcome(result))) else {
            throw UnexpectedReply()
        }
        if case .failure(let failure) = outcome { throw TerminalError(failure) }
    }

    nonisolated(nonsending) func startAttach(_ invocationID: String) async throws -> OperationHandle {
        guard case .started(let entry) = try await perform(.attach(try parsed(invocationID))) else {
            throw UnexpectedReply()
        }
        return OperationHandle(index: entry)
    }

    nonisolated(nonsending) func output(of invocationID: String) async throws -> OperationResult? {
        guard case .outcomeSoFar(let outcome) = try await perform(.getOutput(try parsed(invocationID))) else {
            throw UnexpectedReply()
        }
        return outcome.map(OperationResult.init)
    }

    nonisolated(nonsending) func cancel(_ invocationID: String) async throws {
        _ = try await perform(.cancel(try parsed(invocationID)))
    }

    func invocationID(ofWorkflow name: String, key: String) -> String {
        InvocationID.workflowRun(service: name, key: key).text
    }

    nonisolated(nonsending) func patched(_ id: String) async throws -> Bool {
        guard case .flag(let flag) = try await perform(.patched(id)) else { throw UnexpectedReply() }
        return flag
    }

    private func parsed(_ text: String) throws -> InvocationID {
        guard let id = try? InvocationID(parsing: text) else {
            throw TerminalError("\"\(text)\" is not the id of an invocation", code: 400)
        }
        return id
    }
}

extension Waiting.Condition {
    init(_ condition: WaitCondition) {
        self =
            switch condition {
            case .first: .first
            case .all: .all
            case .firstSuccess: .firstSuccess
            case .allSettled: .allSettled
            }
    }
}

/// The engine answered an operation with something that belongs to another: a defect of the engine, retried.
struct UnexpectedReply: Error {}

extension InvocationTarget {
    init(_ address: HandlerAddress) {
        self.init(service: address.service, key: address.key, handler: address.handler)
    }
}

extension RetryPolicy {
    init(_ policy: RunRetryPolicy) {
        self.init(
            initialDelayMs: policy.initialDelay.milliseconds, factor: policy.factor,
            maxDelayMs: policy.maxDelay.milliseconds, maxAttempts: policy.maxAttempts,
            maxDurationMs: policy.maxDuration?.milliseconds)
    }
}
