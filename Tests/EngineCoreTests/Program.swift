import DurableModel
import EngineCore
import Simulation

/// What a handler does, as a function of what it was given: the same in every attempt.
struct Program {
    enum Step {
        case operation(Operation)
        /// Writes one more than what the first operation read.
        case setTotal
    }

    /// Operations in order; then each that takes time is waited for, in the same order.
    var steps: [Step] = []
    /// First a wait for all that takes time together.
    var selection: Waiting.Condition?
    var returnsTotal = false
    var endsTerminal = false

    static let targets: [InvocationTarget] =
        [.greet, .brief, .greet, .signup("w"), .look("w"), .look("w")] + ["a", "b", "c"].flatMap { [.add($0), .get($0), .add($0)] }

    init(_ acceptance: Acceptance) {
        var random = SeededRandom(seed: acceptance.seed)
        let count = random.below(5)
        switch acceptance.target.handler {
        case "get": steps = [.operation(.getState("n")), .operation(.stateNames)]
        case "add":
            steps = [.operation(.getState("n"))]
            for _ in 0..<count { steps.append(.operation(Self.simple(&random))) }
            if random.below(4) == 0 {
                let other = ["a", "b", "c"][random.below(3)]
                steps.append(.operation(.call(.add(other), input: [], idempotencyKey: nil)))
            }
            steps.append(.setTotal)
            returnsTotal = true
        case "brief":
            for _ in 0..<count { steps.append(.operation(Self.simple(&random))) }
            endsTerminal = random.below(4) == 0
        case "run", "look":
            for _ in 0..<count { steps.append(.operation(Self.promise(&random))) }
            if acceptance.kind == .workflowRun { steps.append(.operation(.setState("n", b("1")))) }
        default:
            for _ in 0..<count + 1 { steps.append(.operation(Self.any(&random))) }
            if random.below(3) == 0 {
                selection = [.first, .all, .firstSuccess, .allSettled][random.below(4)]
            }
        }
    }

    /// Waits for nobody else.
    private static func simple(_ random: inout SeededRandom) -> Operation {
        switch random.below(6) {
        case 0: .run(name: "r", policy: nil)
        case 1: .run(name: "s", policy: .twice)
        case 2: .sleep(durationMs: Int64(random.below(80)))
        case 3: .log(LoggedLine(level: "info", message: "line"))
        case 4: .publish(Publication(topic: "t", data: []))
        default: .now
        }
    }

    private static func promise(_ random: inout SeededRandom) -> Operation {
        let name = "p\(random.below(3))"
        return switch random.below(5) {
        case 0: .getPromise(name)
        case 1: .peekPromise(name)
        case 2, 3: .completePromise(name, random.below(3) == 0 ? .failure(TerminalFailure(message: "no")) : .success(b("v")))
        default: simple(&random)
        }
    }

    private static func any(_ random: inout SeededRandom) -> Operation {
        let key = ["a", "b", "c"][random.below(3)]
        return switch random.below(13) {
        case 9: .attach(.idempotent(target: .brief, key: "k\(random.below(3))"))
        case 10: .getOutput(.workflowRun(service: "Signup", key: "w"))
        case 11 where random.below(4) == 0: .cancel(.idempotent(target: .brief, key: "k\(random.below(3))"))
        case 12: .patched("p\(random.below(3))")
        case 0, 1: .call(.add(key), input: [], idempotencyKey: nil)
        case 2, 3: .call(.brief, input: [], idempotencyKey: "k\(random.below(3))")
        case 4: .send(.add(key), input: [], delayMs: nil, idempotencyKey: nil)
        case 5: .send(.add(key), input: [], delayMs: Int64(random.below(100)), idempotencyKey: nil)
        case 6: .awakeable
        default: simple(&random)
        }
    }
}

/// One attempt of a handler on its way through its program.
final class Player {
    enum Next {
        case operation(Operation)
        case end(AttemptResult)
    }

    let id: AttemptID
    let program: Program
    var isWaiting = false
    private var position = 0
    private var total = 0
    private var entries: [Int] = []
    private var awaited = 0
    private var hasSelected = false

    init(id: AttemptID, program: Program) {
        self.id = id
        self.program = program
    }

    var next: Next {
        if position < program.steps.count {
            switch program.steps[position] {
            case .operation(let operation): return .operation(operation)
            case .setTotal: return .operation(.setState("n", b(String(total + 1))))
            }
        }
        if let condition = program.selection, !hasSelected, !entries.isEmpty {
            return .operation(.select(Waiting(condition, entries)))
        }
        if awaited < entries.count { return .operation(.await(entry: entries[awaited])) }
        if program.endsTerminal { return .end(.terminal(TerminalFailure(message: "no"))) }
        return .end(.returned(program.returnsTotal ? b(String(total + 1)) : []))
    }

    func hear(_ reply: OperationReply) {
        isWaiting = false
        if position >= program.steps.count {
            if program.selection != nil, !hasSelected, !entries.isEmpty {
                hasSelected = true
                return
            }
            awaited += 1
            return
        }
        if position == 0, case .value(let bytes?) = reply { total = Int(bytes.text) ?? 0 }
        switch reply {
        case .started(let entry), .call(let entry, _), .awakeable(let entry, _): entries.append(entry)
        default: break
        }
        position += 1
    }

    /// An operation that nobody answers.
    func goOn() {
        isWaiting = false
        position += 1
    }
}
