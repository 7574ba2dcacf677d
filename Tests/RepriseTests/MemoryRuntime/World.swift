@testable import Reprise

/// All state of `MemoryRuntime`: objects, lanes, invocations with their journals, timers.
struct World {
    typealias Closure = @Sendable () async throws -> [UInt8]
    typealias Waiter = CheckedContinuation<OperationResult, Never>

    /// What a handler asked for; compared on replay.
    enum Request: Equatable, Sendable {
        case get(String)
        case names
        case set(String, [UInt8])
        case clear(String)
        case clearAll
        case run(String, RunRetryPolicy?)
        case call(HandlerAddress, [UInt8], String?)
        case send(HandlerAddress, [UInt8], Int64?, String?)
        case sleep(Int64)
        case awakeable
        case complete(String, OperationResult)
        case now
        case promise(String)
        case peek(String)
        case keep(String, OperationResult)
        case attach(String)
        case output(String)
        case cancel(String)
        case patch(String)
    }

    /// What it got at once.
    struct Step: Sendable {
        var value: [UInt8]?
        var names: [String] = []
        var text = ""
        var time: Int64 = 0
        var result: OperationResult?
    }

    /// Several entries, and when the wait for them is over.
    struct Selection: Sendable {
        let entries: [Int]
        let condition: WaitCondition
    }

    struct Entry {
        let request: Request
        let step: Step
        var result: OperationResult?
        /// Grows in the order in which results arrived.
        var rank = 0
        var closure: Closure?
        var failures = 0
        var waiters: [(waiter: Waiter, isCancellable: Bool)] = []
    }

    struct Invocation {
        let info: InvocationInfo
        let input: [UInt8]
        var journal: [Entry] = []
        var result: OperationResult?
        var callers: [(id: String, index: Int)] = []
        var waiters: [Waiter] = []
        var selections: [(selection: Selection, waiter: Waiter)] = []
        var isStarted = false
        var isCancelled = false
        var failedAttempts = 0
        /// Said since the last journaled step; lines leave together with the next one.
        var unsaid: [String] = []
        var unpublished: [PublishedEvent] = []
    }

    struct ObjectID: Hashable {
        let service: String
        let key: String
    }

    struct Timer {
        let due: Int64
        let action: Action

        enum Action {
            case start(String)
            case wake(String, Int)
        }
    }

    enum Effect {
        case resume(Waiter, OperationResult)
        case attempt(String)
        case closure(String, Int, Closure)
    }

    /// Where the server "dies" once: all that the attempt knew is lost, what was journaled stays.
    struct Crash: Sendable, CustomStringConvertible {
        enum Moment: CaseIterable, Sendable { case before, after, resultLost }
        let service: String
        let step: Int
        let moment: Moment

        var description: String { "\(service) \(moment) step \(step)" }
    }

    let services: [ErasedService]
    var nowMs: Int64
    var objects: [ObjectID: [String: [UInt8]]] = [:]
    var lanes: [ObjectID: [String]] = [:]
    var invocations: [String: Invocation] = [:]
    var idempotent: [String: String] = [:]
    var promises: [ObjectID: [String: OperationResult]] = [:]
    var promiseWaiters: [ObjectID: [String: [(id: String, index: Int)]]] = [:]
    var awakeables: [String: (id: String, index: Int)] = [:]
    var timers: [Timer] = []
    var lines: [String] = []
    var published: [PublishedEvent] = []
    /// Replays that asked for something else than the first time, and handlers that kept failing.
    var faults: [String] = []
    var crash: Crash?
    /// Invocations that are accepted but not delivered while this says so.
    var holds: @Sendable (HandlerAddress) -> Bool = { _ in false }
    var held: [String] = []
    /// Attempts and closures that are executing and not parked.
    var running = 0
    var effects: [Effect] = []
    private var serial = 0

    init(services: [ErasedService], nowMs: Int64) {
        self.services = services
        self.nowMs = nowMs
    }

    mutating func takeEffects() -> [Effect] {
        defer { effects = [] }
        return effects
    }

    func handler(_ address: HandlerAddress) -> ErasedHandler? {
        services.first { $0.name == address.service }?.handlers.first { $0.name == address.handler }
    }

    func info(_ id: String) -> InvocationInfo {
        invocations[id]?.info
            ?? InvocationInfo(id: id, address: HandlerAddress(service: "", handler: ""), randomSeed: 0)
    }

    func executable(_ id: String) -> (ErasedHandler, [UInt8])? {
        guard let invocation = invocations[id], let handler = handler(invocation.info.address) else { return nil }
        return (handler, invocation.input)
    }

    mutating func nextSerial() -> Int {
        serial += 1
        return serial
    }

    // MARK: Invocations

    mutating func invoke(_ address: HandlerAddress, input: [UInt8], delayMs: Int64?, key: String?) -> (String, Bool) {
        let isRun = handler(address)?.kind == .workflowRun
        let dedupe = isRun ? "run \(address)" : key.map { "\(address)\($0)" }
        if let dedupe, let known = idempotent[dedupe] { return (known, false) }
        let number = nextSerial()
        let id = isRun ? "inv_\(address.service)/\(address.key ?? "")" : "inv_\(number)"
        if let dedupe { idempotent[dedupe] = id }
        let seed = UInt64(number) &* 0x9E37_79B9_7F4A_7C15
        invocations[id] = Invocation(
            info: InvocationInfo(id: id, address: address, idempotencyKey: key, randomSeed: seed), input: input)
        if let delayMs {
            timers.append(Timer(due: nowMs + delayMs, action: .start(id)))
        } else {
            deliver(id)
        }
        return (id, true)
    }

    mutating func deliver(_ id: String) {
        let address = info(id).address
        guard invocations[id]?.result == nil else { return }
        guard !holds(address) else { return held.append(id) }
        guard let handler = handler(address) else {
            return end(id, with: .failure(TerminalError("no such handler", code: 404)))
        }
        if handler.kind == .exclusive {
            let object = ObjectID(service: address.service, key: address.key ?? "")
            lanes[object, default: []].append(id)
            guard lanes[object]?.first == id else { return }
        }
        start(id)
    }

    mutating func start(_ id: String) {
        invocations[id]?.isStarted = true
        running += 1
        effects.append(.attempt(id))
    }

    mutating func restart(_ id: String) {
        guard invocations[id]?.result == nil else { return }
        invocations[id]?.unsaid = []
        invocations[id]?.unpublished = []
        effects.append(.attempt(id))
    }

    mutating func fail(_ id: String, with reason: String) {
        invocations[id]?.failedAttempts += 1
        if invocations[id]?.failedAttempts == 3 {
            faults.append("\(info(id).address): \(reason)")
            running -= 1
        } else {
            restart(id)
        }
    }

    mutating func end(_ id: String, with result: OperationResult) {
        guard var invocation = invocations[id], invocation.result == nil else { return }
        if invocation.isStarted { running -= 1 }
        lines += invocation.unsaid
        invocation.unsaid = []
        published += invocation.unpublished
        invocation.unpublished = []
        invocation.result = result
        effects += invocation.waiters.map { .resume($0, result) }
        invocation.waiters = []
        invocations[id] = invocation
        for caller in invocation.callers { complete(caller.id, caller.index, result) }

        let object = ObjectID(service: invocation.info.address.service, key: invocation.info.address.key ?? "")
        if let position = lanes[object]?.firstIndex(of: id) {
            lanes[object]?.remove(at: position)
            if position == 0, let next = lanes[object]?.first { start(next) }
        }
    }
}
