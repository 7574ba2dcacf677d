import DurableModel
import EngineCore
import Runtime
import Simulation

// Pieces of constructed traces.

extension TraceEvent {
    static func boot(_ disk: DiskImage = DiskImage(), atMs: Int64 = 0) -> TraceEvent { .booted(wallMs: atMs, disk) }

    static func turn(
        _ number: Int64, _ mutations: [Mutation] = [], atMs: Int64 = 0, on input: Input? = .sweep,
        now: [InternalEffect] = [], later: [ExternalEffect] = []
    ) -> TraceEvent {
        var turn = Turn(number: number)
        turn.mutations = mutations
        turn.internalEffects = now
        turn.externalEffects = later
        return .decided(Decided(input: input, turn: turn, wallMs: atMs))
    }

    static func steer(_ number: Int64, _ id: InvocationID, _ steering: Steering) -> TraceEvent {
        .turn(number, on: .command(.steer(id, steering), from: CallerToken(1), entropy: Entropy(1, 2, 3)))
    }

    static func operation(
        _ number: Int64, _ attempt: AttemptID, _ operation: Operation, hears reply: OperationReply,
        _ mutations: [Mutation] = []
    ) -> TraceEvent {
        .turn(number, mutations, on: .operation(attempt, operation), now: [.resume(attempt, reply)])
    }
}

extension [TraceEvent] {
    /// Everything up to `turn` goes to the disk.
    static func commit(upTo turn: Int64) -> [TraceEvent] { [.commitBegan(upTo: turn), .committed] }
}

extension InvocationID {
    static func number(_ number: UInt128) -> InvocationID { InvocationID(partitionKey: 7, uuid: number << 70 | 1) }
}

extension InvocationRecord {
    /// An exclusive invocation of object `a` unless said otherwise.
    static func made(
        id: InvocationID = .number(1), service: String = "Account", handler: String = "deposit", key: String? = "a",
        kind: HandlerKind = .exclusive, input: String = "1", isPromised: Bool = false, _ progress: Progress
    ) -> InvocationRecord {
        InvocationRecord(
            acceptance: Acceptance(
                id: id, target: InvocationTarget(service: service, key: key, handler: handler), kind: kind,
                input: Array(input.utf8), createdAtMs: 0, seed: 1, isPromised: isPromised),
            progress: progress)
    }
}

extension Progress {
    static func at(_ status: InvocationStatus, order: Int64? = nil) -> Progress {
        var progress = Progress(status: status)
        progress.laneOrder = order
        return progress
    }

    static let killed: Progress = {
        var progress = ended()
        progress.outcome = .failure(TerminalFailure(code: 409, message: "killed"))
        return progress
    }()

    static let cancelled: Progress = {
        var progress = at(.running)
        progress.cancelRanks = [1]
        progress.cancelsDelivered = 1
        return progress
    }()

    static func ended(_ output: String = "1", expiresAtMs: Int64 = 1_000) -> Progress {
        var progress = Progress(status: .completed)
        progress.outcome = .success(Array(output.utf8))
        progress.expiresAtMs = expiresAtMs
        return progress
    }
}

extension InvocationSerial: ExpressibleByIntegerLiteral {
    public init(integerLiteral value: Int64) { self.init(value) }
}

extension AttemptID {
    static func of(_ serial: InvocationSerial, _ epoch: Int64) -> AttemptID { AttemptID(serial: serial, epoch: epoch) }

    var start: AttemptStart {
        AttemptStart(attempt: self, accepted: InvocationRecord.made(Progress(status: .running)).accepted)
    }
}

extension DiskImage {
    static func with(_ mutations: [Mutation]) -> DiskImage {
        var disk = DiskImage()
        for mutation in mutations { disk.apply(mutation) }
        return disk
    }
}

func bytes(_ text: String) -> Bytes { Array(text.utf8) }
