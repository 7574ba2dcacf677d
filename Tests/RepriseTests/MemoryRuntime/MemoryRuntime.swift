import Foundation
import Synchronization

@testable import Reprise

/// A second, deliberately naive engine behind `DurableOperations`: everything in memory, virtual time, journals that
/// are replayed and compared. It proves that the seam is enough, and runs services that call each other in one process.
final class MemoryRuntime: Sendable {
    private let world: Mutex<World>

    init(_ definitions: [any ServiceDefinition], nowMs: Int64 = 1_700_000_000_000) throws {
        let services = try ServiceRegistration(definitions).services
        world = Mutex(World(services: services, nowMs: nowMs))
    }

    /// One indivisible look at, or change of, everything. What it returns to do is done outside of the lock.
    func act<Result: Sendable>(_ body: (inout World) throws -> Result) rethrows -> Result {
        var todo: [World.Effect] = []
        defer { for effect in todo { perform(effect) } }
        return try world.withLock { world in
            defer { todo = world.takeEffects() }
            return try body(&world)
        }
    }

    private func perform(_ effect: World.Effect) {
        switch effect {
        case .resume(let continuation, let result): continuation.resume(returning: result)
        case .attempt(let id): Task { await self.attempt(id) }
        case .closure(let id, let index, let closure): Task { await self.execute(closure, of: id, at: index) }
        }
    }

    private func attempt(_ id: String) async {
        guard let (handler, input) = act({ $0.executable(id) }) else { return }
        do {
            let output = try await handler.execute(MemoryOperations(runtime: self, id: id), input)
            act { $0.end(id, with: .success(output)) }
        } catch is AttemptEnded {
            act { $0.restart(id) }
        } catch let error as TerminalError {
            act { $0.end(id, with: .failure(error)) }
        } catch {
            act { $0.fail(id, with: String(describing: error)) }
        }
    }

    private func execute(_ closure: World.Closure, of id: String, at index: Int) async {
        let number = act { ($0.invocations[id]?.journal[index].failures ?? 0) + 1 }
        do {
            let bytes = try await RunAttempt.$number.withValue(number) { try await closure() }
            act { $0.endClosure(id, index, .success(bytes)) }
        } catch let error as TerminalError {
            act { $0.endClosure(id, index, .failure(error)) }
        } catch {
            act { $0.failClosure(id, index, String(describing: error)) }
        }
    }

    /// Parks until the selection is decided: the entry as text, nothing when nothing had to be decided.
    func decision(of id: String, _ selection: World.Selection) async -> OperationResult {
        await withCheckedContinuation { continuation in
            act { $0.wait(for: id, selection, continuation) }
        }
    }

    /// Parks until the operation has ended. `attempt` nil is a caller from outside.
    func result(of id: String, at index: Int, cancellable: Bool) async -> OperationResult {
        await withCheckedContinuation { continuation in
            act { $0.wait(for: id, index, cancellable: cancellable, continuation) }
        }
    }
}

/// The seam, implemented by steps of the world.
final class MemoryOperations: DurableOperations {
    private let runtime: MemoryRuntime
    private let id: String
    private var position = 0
    let invocation: InvocationInfo

    init(runtime: MemoryRuntime, id: String) {
        self.runtime = runtime
        self.id = id
        invocation = runtime.act { $0.info(id) }
    }

    private func step(_ request: World.Request, closure: World.Closure? = nil) throws -> World.Step {
        defer { position += 1 }
        return try runtime.act { try $0.step(id, position, request, closure) }
    }

    nonisolated(nonsending) func getState(_ name: String) async throws -> [UInt8]? { try step(.get(name)).value }
    nonisolated(nonsending) func stateNames() async throws -> [String] { try step(.names).names }
    nonisolated(nonsending) func setState(_ name: String, _ value: [UInt8]) async throws {
        _ = try step(.set(name, value))
    }
    nonisolated(nonsending) func clearState(_ name: String) async throws { _ = try step(.clear(name)) }
    nonisolated(nonsending) func clearAllState() async throws { _ = try step(.clearAll) }

    nonisolated(nonsending) func startRun(
        _ name: String, retry: RunRetryPolicy?, closure: @escaping @Sendable () async throws -> [UInt8]
    ) async throws -> OperationHandle {
        let index = position
        _ = try step(.run(name, retry), closure: closure)
        return OperationHandle(index: index)
    }

    nonisolated(nonsending) func startCall(
        _ target: HandlerAddress, input: [UInt8], idempotencyKey: String?
    ) async throws -> StartedCall {
        let index = position
        let child = try step(.call(target, input, idempotencyKey)).text
        return StartedCall(handle: OperationHandle(index: index), invocationID: child)
    }

    nonisolated(nonsending) func send(
        _ target: HandlerAddress, input: [UInt8], delayMs: Int64?, idempotencyKey: String?
    ) async throws -> String {
        try step(.send(target, input, delayMs, idempotencyKey)).text
    }

    nonisolated(nonsending) func startSleep(durationMs: Int64) async throws -> OperationHandle {
        let index = position
        _ = try step(.sleep(durationMs))
        return OperationHandle(index: index)
    }

    nonisolated(nonsending) func createAwakeable() async throws -> StartedAwakeable {
        let index = position
        return StartedAwakeable(handle: OperationHandle(index: index), id: try step(.awakeable).text)
    }

    nonisolated(nonsending) func completeAwakeable(_ id: String, with result: OperationResult) async throws {
        _ = try step(.complete(id, result))
    }

    nonisolated(nonsending) func result(of handle: OperationHandle) async throws -> OperationResult {
        try runtime.act { try $0.checkLive(id) }
        return await runtime.result(of: id, at: handle.index, cancellable: true)
    }

    nonisolated(nonsending) func nowMs() async throws -> Int64 { try step(.now).time }

    nonisolated(nonsending) func startPromise(_ name: String) async throws -> OperationHandle {
        let index = position
        _ = try step(.promise(name))
        return OperationHandle(index: index)
    }

    nonisolated(nonsending) func peekPromise(_ name: String) async throws -> OperationResult? {
        try step(.peek(name)).result
    }

    nonisolated(nonsending) func completePromise(_ name: String, with result: OperationResult) async throws {
        if case .failure(let error) = try step(.keep(name, result)).result { throw error }
    }

    nonisolated(nonsending) func startAttach(_ invocationID: String) async throws -> OperationHandle {
        let index = position
        _ = try step(.attach(invocationID))
        return OperationHandle(index: index)
    }

    nonisolated(nonsending) func output(of invocationID: String) async throws -> OperationResult? {
        try step(.output(invocationID)).result
    }

    nonisolated(nonsending) func cancel(_ invocationID: String) async throws { _ = try step(.cancel(invocationID)) }

    func invocationID(ofWorkflow name: String, key: String) -> String { "inv_\(name)/\(key)" }

    nonisolated(nonsending) func patched(_ id: String) async throws -> Bool {
        try runtime.act { try $0.checkLive(self.id) }
        if runtime.act({ $0.lacksPatch(self.id, position, id) }) { return false }
        _ = try step(.patch(id))
        return true
    }

    nonisolated(nonsending) func wait(
        for handles: [OperationHandle], until condition: WaitCondition
    ) async throws -> OperationHandle? {
        try runtime.act { try $0.checkLive(id) }
        switch await runtime.decision(of: id, World.Selection(entries: handles.map(\.index), condition: condition)) {
        case .failure(let error): throw error
        case .success(let bytes): return Int(String(decoding: bytes, as: UTF8.self)).map(OperationHandle.init)
        }
    }

    func log(_ line: LogLine) { runtime.act { $0.log(id, line, isReplaying: $0.isReplaying(id, position)) } }

    func publish(_ event: PublishedEvent) { runtime.act { $0.publish(id, event, isReplaying: $0.isReplaying(id, position)) } }
}
