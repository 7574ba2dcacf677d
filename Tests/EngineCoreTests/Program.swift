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
    var returnsTotal = false
    var endsTerminal = false

    static let targets: [InvocationTarget] =
        [.greet, .brief, .greet] + ["a", "b", "c"].flatMap { [.add($0), .get($0), .add($0)] }

    init(_ acceptance: Acceptance) {
        var random = SeededRandom(seed: acceptance.seed)
        let count = random.below(5)
        switch acceptance.target.handler {
        case "get": steps = [.operation(.getState("n")), .operation(.stateNames)]
        case "add":
            steps = [.operation(.getState("n"))]
            for _ in 0..<count { steps.append(.operation(Self.simple(&random))) }
            steps.append(.setTotal)
            returnsTotal = true
        case "brief":
            for _ in 0..<count { steps.append(.operation(Self.simple(&random))) }
            endsTerminal = random.below(4) == 0
        default:
            for _ in 0..<count + 1 { steps.append(.operation(Self.any(&random))) }
        }
    }

    /// Waits for nobody else.
    private static func simple(_ random: inout SeededRandom) -> Operation {
        switch random.below(6) {
        case 0: .run(name: "r", policy: nil)
        case 1: .run(name: "s", policy: .twice)
        case 2: .sleep(durationMs: Int64(random.below(80)))
        case 3: .log(LoggedLine(level: "info", message: "line"))
        default: .now
        }
    }

    private static func any(_ random: inout SeededRandom) -> Operation {
        let key = ["a", "b", "c"][random.below(3)]
        return switch random.below(9) {
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
        if awaited < entries.count { return .operation(.await(entry: entries[awaited])) }
        if program.endsTerminal { return .end(.terminal(TerminalFailure(message: "no"))) }
        return .end(.returned(program.returnsTotal ? b(String(total + 1)) : []))
    }

    func hear(_ reply: OperationReply) {
        isWaiting = false
        if position >= program.steps.count {
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
