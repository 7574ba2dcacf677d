import DurableModel
import Reprise
import Runtime

/// What tests, and routes, ask of the engine: the same commands as callers outside.
struct WorldClient: ClientOperations {
    let world: TestWorld

    private func ask(_ command: ClientCommand) async throws -> ClientReply {
        let reply = try await world.ask(command)
        if case .refused(let refusal) = reply {
            throw ServerBusy(
                status: refusal.status, message: refusal.message, retryAfterSeconds: refusal.retryAfterSeconds)
        }
        return reply
    }

    private func invoke(
        _ address: HandlerAddress, _ mode: InvokeCommand.Mode, _ input: [UInt8], _ idempotencyKey: String?
    ) async throws -> ClientReply {
        let target = InvocationTarget(service: address.service, key: address.key, handler: address.handler)
        return try await ask(
            .invoke(InvokeCommand(target: target, mode: mode, input: input, idempotencyKey: idempotencyKey)))
    }

    func call(
        _ target: HandlerAddress, input: [UInt8], idempotencyKey: String?
    ) async throws -> CompletedInvocation {
        guard case .result(let id, let outcome, _) = try await invoke(target, .call, input, idempotencyKey) else {
            throw unknown(target)
        }
        return CompletedInvocation(id: id.text, result: OperationResult(outcome))
    }

    func send(
        _ target: HandlerAddress, input: [UInt8], delayMs: Int64?, idempotencyKey: String?
    ) async throws -> SentInvocation {
        guard case .accepted(let id, _, let isNew) = try await invoke(
            target, .send(delayMs: delayMs), input, idempotencyKey)
        else { throw unknown(target) }
        return SentInvocation(id: id.text, isNew: isNew)
    }

    private func unknown(_ target: HandlerAddress) -> TerminalError {
        TerminalError("there is no handler \(target.handler) of \(target.service)", code: 404)
    }

    func attach(_ invocationID: String) async throws -> OperationResult? {
        guard let id = try? InvocationID(parsing: invocationID),
            case .result(_, let outcome, _) = try await ask(.attach(id))
        else { return nil }
        return OperationResult(outcome)
    }

    func output(of invocationID: String) async throws -> InvocationOutput {
        guard let id = try? InvocationID(parsing: invocationID) else { return .unknown }
        switch try await ask(.output(id)) {
        case .result(_, let outcome, _): return .ended(OperationResult(outcome))
        case .notCompleted: return .notReady
        default: return .unknown
        }
    }

    func cancel(_ invocationID: String) async throws -> Bool {
        guard let id = try? InvocationID(parsing: invocationID) else { return false }
        if case .steered(.unknown) = try await ask(.steer(id, .cancel)) { return false }
        return true
    }

    func invocationID(ofWorkflow name: String, key: String) -> String {
        InvocationID.workflowRun(service: name, key: key).text
    }

    func completeAwakeable(_ id: String, with result: OperationResult) async throws {
        guard let awakeable = try? AwakeableID(parsing: id) else {
            throw TerminalError("\"\(id)\" is not the id of an awakeable", code: 400)
        }
        _ = try await ask(.completeAwakeable(awakeable, Outcome(result)))
    }
}
