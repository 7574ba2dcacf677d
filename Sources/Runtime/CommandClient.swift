package import DurableModel
package import Reprise

/// What routes, embedding programs and tests ask of an engine: the same commands as callers outside.
package struct CommandClient: ClientOperations {
    private let perform: @Sendable (ClientCommand) async throws -> ClientReply

    package init(_ perform: @escaping @Sendable (ClientCommand) async throws -> ClientReply) { self.perform = perform }

    private func ask(_ command: ClientCommand) async throws -> ClientReply {
        let reply = try await perform(command)
        if case .refused(let refusal) = reply { throw ServerBusy(refusal) }
        return reply
    }

    private func invoke(
        _ target: HandlerAddress, _ mode: InvokeCommand.Mode, _ input: [UInt8], _ idempotencyKey: String?
    ) async throws -> ClientReply {
        let target = InvocationTarget(service: target.service, key: target.key, handler: target.handler)
        return try await ask(
            .invoke(InvokeCommand(target: target, mode: mode, input: input, idempotencyKey: idempotencyKey)))
    }

    package func call(
        _ target: HandlerAddress, input: [UInt8], idempotencyKey: String?
    ) async throws -> CompletedInvocation {
        switch try await invoke(target, .call, input, idempotencyKey) {
        case .result(let id, let outcome, _): return CompletedInvocation(id: id.text, result: OperationResult(outcome))
        default: throw TerminalError("there is no handler \(target.handler) of \(target.service)", code: 404)
        }
    }

    package func send(
        _ target: HandlerAddress, input: [UInt8], delayMs: Int64?, idempotencyKey: String?
    ) async throws -> SentInvocation {
        switch try await invoke(target, .send(delayMs: delayMs), input, idempotencyKey) {
        case .accepted(let id, _, let isNew): return SentInvocation(id: id.text, isNew: isNew)
        default: throw TerminalError("there is no handler \(target.handler) of \(target.service)", code: 404)
        }
    }

    package func attach(_ invocationID: String) async throws -> OperationResult? {
        guard let id = try? InvocationID(parsing: invocationID) else { return nil }
        guard case .result(_, let outcome, _) = try await ask(.attach(id)) else { return nil }
        return OperationResult(outcome)
    }

    package func output(of invocationID: String) async throws -> InvocationOutput {
        guard let id = try? InvocationID(parsing: invocationID) else { return .unknown }
        switch try await ask(.output(id)) {
        case .result(_, let outcome, _): return .ended(OperationResult(outcome))
        case .notCompleted: return .notReady
        default: return .unknown
        }
    }

    package func cancel(_ invocationID: String) async throws -> Bool {
        guard let id = try? InvocationID(parsing: invocationID) else { return false }
        if case .steered(.unknown) = try await ask(.steer(id, .cancel)) { return false }
        return true
    }

    package func invocationID(ofWorkflow name: String, key: String) -> String {
        InvocationID.workflowRun(service: name, key: key).text
    }

    package func completeAwakeable(_ id: String, with result: OperationResult) async throws {
        guard let awakeable = try? AwakeableID(parsing: id) else {
            throw TerminalError("\"\(id)\" is not the id of an awakeable", code: 400)
        }
        _ = try await ask(.completeAwakeable(awakeable, Outcome(result)))
    }
}

extension ServerBusy {
    fileprivate init(_ refusal: Refusal) {
        self.init(status: refusal.status, message: refusal.message, retryAfterSeconds: refusal.retryAfterSeconds)
    }
}
