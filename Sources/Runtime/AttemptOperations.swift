import DurableModel
import EngineCore
import Reprise

/// What the contexts of one attempt are built on: each operation is a step of the engine.
final class AttemptOperations: DurableOperations {
    let runtime: Runtime
    private let attempt: AttemptID
    private let accepted: Accepted
    private var refusals = 0
    /// Many handlers never ask.
    private(set) lazy var invocation = InvocationInfo(
        id: acceptance.id.text,
        address: HandlerAddress(
            service: acceptance.target.service, key: acceptance.target.key, handler: acceptance.target.handler),
        headers: acceptance.headers.map { ($0.name, $0.value) }, idempotencyKey: acceptance.idempotencyKey,
        randomSeed: acceptance.seed)

    private var acceptance: Acceptance { accepted.acceptance }

    /// A handler that catches `AttemptEnded` in a loop must not spin: from this refusal on nothing returns.
    private static let refusalsMax = 16

    private init(_ start: AttemptStart, _ runtime: Runtime) {
        self.runtime = runtime
        attempt = start.attempt
        accepted = start.accepted
    }

    /// Executes the handler once; runs on the engine's executor.
    static func execute(
        _ handler: RegisteredHandler, _ start: AttemptStart, in runtime: Runtime
    ) async -> AttemptResult {
        let operations = AttemptOperations(start, runtime)
        runtime.noteExecution(of: start.attempt.serial)
        do {
            return .returned(try await handler.execute(operations, start.acceptance.input))
        } catch let error as TerminalError {
            return .terminal(TerminalFailure(error))
        } catch is AttemptEnded {
            return .unwound
        } catch let error as StoredValueError {
            // It will not decode the next time either: a person, or another version, has to look.
            return .impossible(error.description)
        } catch {
            return .failed(String(describing: error))
        }
    }

    nonisolated(nonsending) func perform(_ operation: Operation) async throws -> OperationReply {
        try await settle(runtime.operate(attempt, operation))
    }

    /// As above, for an operation that has something done outside of the engine.
    nonisolated(nonsending) func perform(_ operation: Operation, work: StepWork) async throws -> OperationReply {
        try await settle(runtime.operate(attempt, operation, work: work))
    }

    /// Waits for the reply if it is not there yet.
    private nonisolated(nonsending) func settle(_ immediate: OperationReply?) async throws -> OperationReply {
        let reply: OperationReply
        if let immediate {
            reply = immediate
        } else {
            reply = await withUnsafeContinuation { runtime.park(attempt, $0) }
            runtime.noteExecution(of: attempt.serial)
        }
        guard case .ended = reply else { return reply }
        refusals += 1
        if refusals >= Self.refusalsMax { await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in } }
        throw AttemptEnded()
    }

    nonisolated(nonsending) func getState(_ name: String) async throws -> [UInt8]? {
        guard case .value(let bytes) = try await perform(.getState(name)) else { throw UnexpectedReply() }
        return bytes
    }

    nonisolated(nonsending) func stateNames() async throws -> [String] {
        guard case .names(let names) = try await perform(.stateNames) else { throw UnexpectedReply() }
        return names
    }

    nonisolated(nonsending) func setState(_ name: String, _ value: [UInt8]) async throws {
        _ = try await perform(.setState(name, value))
    }

    nonisolated(nonsending) func clearState(_ name: String) async throws {
        _ = try await perform(.clearState(name))
    }

    nonisolated(nonsending) func clearAllState() async throws {
        _ = try await perform(.clearAllState)
    }

    nonisolated(nonsending) func startRun(
        _ name: String, retry: RunRetryPolicy?, closure: @escaping @Sendable () async throws -> [UInt8]
    ) async throws -> OperationHandle {
        let operation = Operation.run(name: name, policy: retry.map(RetryPolicy.init))
        let closure = runtime.parts.wrapStep?(invocation, name, closure) ?? closure
        let reply = try await perform(operation, work: .closure(closure))
        guard case .started(let entry) = reply else { throw UnexpectedReply() }
        return OperationHandle(index: entry)
    }

    nonisolated(nonsending) func startCall(
        _ target: HandlerAddress, input: [UInt8], idempotencyKey: String?
    ) async throws -> StartedCall {
        let operation = Operation.call(InvocationTarget(target), input: input, idempotencyKey: idempotencyKey)
        guard case .call(let entry, let id) = try await perform(operation) else { throw UnexpectedReply() }
        return StartedCall(handle: OperationHandle(index: entry), invocationID: id.text)
    }

    nonisolated(nonsending) func send(
        _ target: HandlerAddress, input: [UInt8], delayMs: Int64?, idempotencyKey: String?
    ) async throws -> String {
        let operation = Operation.send(
            InvocationTarget(target), input: input, delayMs: delayMs, idempotencyKey: idempotencyKey)
        guard case .sent(let id) = try await perform(operation) else { throw UnexpectedReply() }
        return id.text
    }

    nonisolated(nonsending) func startSleep(durationMs: Int64) async throws -> OperationHandle {
        guard case .started(let entry) = try await perform(.sleep(durationMs: durationMs)) else {
            throw UnexpectedReply()
        }
        return OperationHandle(index: entry)
    }

    nonisolated(nonsending) func startSleep(untilMs: Int64) async throws -> OperationHandle {
        guard case .started(let entry) = try await perform(.sleepUntil(untilMs)) else { throw UnexpectedReply() }
        return OperationHandle(index: entry)
    }

    nonisolated(nonsending) func createAwakeable() async throws -> StartedAwakeable {
        guard case .awakeable(let entry, let id) = try await perform(.awakeable) else { throw UnexpectedReply() }
        return StartedAwakeable(handle: OperationHandle(index: entry), id: id.text)
    }

    nonisolated(nonsending) func completeAwakeable(_ id: String, with result: OperationResult) async throws {
        guard let awakeable = try? AwakeableID(parsing: id) else {
            throw TerminalError("\"\(id)\" is not the id of an awakeable", code: 400)
        }
        _ = try await perform(.completeAwakeable(awakeable, Outcome(result)))
    }

    nonisolated(nonsending) func result(of handle: OperationHandle) async throws -> OperationResult {
        guard case .outcome(let outcome) = try await perform(.await(entry: handle.index)) else {
            throw UnexpectedReply()
        }
        return OperationResult(outcome)
    }

    nonisolated(nonsending) func wait(
        for handles: [OperationHandle], until condition: WaitCondition
    ) async throws -> OperationHandle? {
        let waiting = Waiting(Waiting.Condition(condition), handles.map(\.index))
        switch try await perform(.select(waiting)) {
        case .settled(let entry): return entry.map(OperationHandle.init)
        case .outcome(.failure(let failure)): throw TerminalError(failure)
        default: throw UnexpectedReply()
        }
    }

    nonisolated(nonsending) func nowMs() async throws -> Int64 {
        guard case .time(let ms) = try await perform(.now) else { throw UnexpectedReply() }
        return ms
    }

    func log(_ line: LogLine) {
        _ = runtime.operate(attempt, .log(LoggedLine(level: line.level.rawValue, message: line.message)))
    }

    func publish(_ event: PublishedEvent) {
        _ = runtime.operate(attempt, .publish(Publication(topic: event.topic.name, data: event.data)))
    }
}
