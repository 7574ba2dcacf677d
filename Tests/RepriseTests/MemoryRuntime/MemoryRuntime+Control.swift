import Foundation

@testable import Reprise

/// What tests do to the world.
extension MemoryRuntime {
    struct Unsettled: Error, CustomStringConvertible {
        let description: String
    }

    var client: RepriseClient { RepriseClient(self) }
    var lines: [String] { act { $0.lines } }
    var published: [PublishedEvent] { act { $0.published } }
    var faults: [String] { act { $0.faults } }

    /// Waits until a condition holds; an error after a minute: compilers may be at work beside.
    func until(_ what: String, _ condition: () -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        for _ in 0..<200 {
            if condition() { return }
            await Task.yield()
        }
        while !condition() {
            guard ContinuousClock.now < deadline else { throw Unsettled(description: "never: \(what)") }
            try await Task.sleep(for: .milliseconds(1))
        }
    }

    /// Waits until nothing executes: every invocation has ended or is parked.
    func settle() async throws {
        try await until("all attempts are parked or over") { act { $0.running == 0 } }
    }

    /// Moves time, firing what falls due in its order.
    func advance(byMs duration: Int64) async throws {
        let end = act { $0.nowMs } + duration
        while true {
            try await settle()
            let isMore = act { world in
                let next = world.timers.indices
                    .filter { world.timers[$0].due <= end }.min { world.timers[$0].due < world.timers[$1].due }
                guard let next else { return false }
                let timer = world.timers.remove(at: next)
                world.nowMs = max(world.nowMs, timer.due)
                switch timer.action {
                case .start(let id): world.deliver(id)
                case .wake(let id, let index): world.complete(id, index, .success([]))
                }
                return true
            }
            guard isMore else { break }
        }
        act { $0.nowMs = end }
        try await settle()
    }

    /// Keeps back every new invocation that `isHeld` names, until `release`.
    func hold(_ isHeld: @escaping @Sendable (HandlerAddress) -> Bool) { act { $0.holds = isHeld } }

    /// Delivers what was held, in the order of arrival, or in another one.
    func release(_ order: (inout [String]) -> Void = { _ in }) {
        act { world in
            world.holds = { _ in false }
            var ids = world.held
            world.held = []
            order(&ids)
            for id in ids { world.deliver(id) }
        }
    }

    /// Delivers one held invocation. `pick` chooses among those that may come next: messages to one object keep their
    /// order, everything else is free.
    func releaseOne(_ pick: (Int) -> Int) -> Bool {
        act { world in
            var seen: Set<World.ObjectID> = []
            let next = world.held.filter { id in
                let address = world.info(id).address
                guard let key = address.key else { return true }
                return seen.insert(World.ObjectID(service: address.service, key: key)).inserted
            }
            guard !next.isEmpty else { return false }
            let id = next[pick(next.count)]
            world.held.removeAll { $0 == id }
            let holds = world.holds
            world.holds = { _ in false }
            world.deliver(id)
            world.holds = holds
            return true
        }
    }

    /// What the ingress does: the body is judged, then the handler is invoked.
    func request(_ path: String, _ body: String = "", idempotencyKey: String? = nil) async throws -> String {
        let address = address(path)
        if let problem = act({ $0.handler(address) })?.inputProblem(Array(body.utf8)) {
            throw TerminalError("input validation error: \(problem)", code: 400)
        }
        let ended = try await call(address, input: Array(body.utf8), idempotencyKey: idempotencyKey)
        switch ended.result {
        case .success(let bytes): return String(decoding: bytes, as: UTF8.self)
        case .failure(let error): throw error
        }
    }

    /// As `request`, without waiting; the id.
    func submit(_ path: String, _ body: String) -> String {
        act { $0.invoke(address(path), input: Array(body.utf8), delayMs: nil, key: nil).0 }
    }

    /// The message of the error, nil when the request succeeds.
    func refusal(_ path: String, _ body: String = "") async throws -> TerminalError? {
        do {
            _ = try await request(path, body)
            return nil
        } catch let error as TerminalError {
            return error
        }
    }

    /// `Service/handler` or `Service/key/handler`.
    private func address(_ path: String) -> HandlerAddress {
        let parts = path.split(separator: "/").map(String.init)
        return parts.count == 2
            ? HandlerAddress(service: parts[0], handler: parts[1])
            : HandlerAddress(service: parts[0], key: parts[1], handler: parts[2])
    }
}

extension MemoryRuntime: ClientOperations {
    func call(
        _ target: HandlerAddress, input: [UInt8], idempotencyKey: String?
    ) async throws -> CompletedInvocation {
        let (id, _) = act { $0.invoke(target, input: input, delayMs: nil, key: idempotencyKey) }
        return CompletedInvocation(id: id, result: await end(of: id))
    }

    func send(
        _ target: HandlerAddress, input: [UInt8], delayMs: Int64?, idempotencyKey: String?
    ) async throws -> SentInvocation {
        let (id, isNew) = act { $0.invoke(target, input: input, delayMs: delayMs, key: idempotencyKey) }
        return SentInvocation(id: id, isNew: isNew)
    }

    func attach(_ invocationID: String) async throws -> OperationResult? {
        guard act({ $0.invocations[invocationID] != nil }) else { return nil }
        return await end(of: invocationID)
    }

    func output(of invocationID: String) async throws -> InvocationOutput {
        act { world in
            guard let invocation = world.invocations[invocationID] else { return .unknown }
            return invocation.result.map { .ended($0) } ?? .notReady
        }
    }

    func cancel(_ invocationID: String) async throws -> Bool {
        act { world in
            guard world.invocations[invocationID] != nil else { return false }
            world.cancel(invocationID)
            return true
        }
    }

    func invocationID(ofWorkflow name: String, key: String) -> String { "inv_\(name)/\(key)" }

    func completeAwakeable(_ id: String, with result: OperationResult) async throws {
        act { world in
            if let target = world.awakeables[id] { world.complete(target.id, target.index, result) }
        }
    }

    private func end(of id: String) async -> OperationResult {
        await withCheckedContinuation { waiter in act { $0.waitForEnd(of: id, waiter) } }
    }
}
