import DurableModel
import Simulation
import Testing

@testable import EngineCore

/// What the runtime is in production: steps the engine, writes batches, releases effects, answers loads. Every part
/// of it happens when a test says so, and the invariants are checked after each step.
final class Driver {
    var engine: Engine
    var nowMs: Int64 = 1_000
    /// Opens every complaint.
    var label = ""
    private(set) var disk = DiskImage()
    /// The disk with everything that was decided since: memory has to agree with it.
    private(set) var truth = DiskImage()
    private(set) var words = TurnText()
    private(set) var lastTurn = Turn(number: 0)
    /// Turns that are not on disk, oldest first.
    private(set) var pending: [Turn] = []
    private(set) var outstanding: [OutstandingLoad] = []
    /// Closures that were started and have not ended.
    private(set) var closures: [RunID] = []
    private(set) var durableSerialMax: InvocationSerial = 0

    /// The load whose answer is being taken: if it was spoiled it is asked for again, even if what it is about is in
    /// memory by now.
    private(set) var answering: LoadKey?

    private let limits: EngineLimits
    private var nextWord: UInt64 = 1

    struct OutstandingLoad {
        let key: LoadKey
        /// What was read; nil while the read has not happened.
        var value: LoadedValue?
    }

    init(_ configure: (inout EngineLimits) -> Void = { _ in }) {
        var limits = EngineLimits()
        configure(&limits)
        self.limits = limits
        engine = Engine(catalog: .forTests, limits: limits)
        absorb(engine.recover(disk.recover(), at: nowMs))
        commit()
    }

    // MARK: Inputs

    @discardableResult
    func step(_ input: Input) -> Turn {
        let liveBefore = engine.liveAttemptIDs
        let turn = engine.step(input, at: nowMs)
        checkResumes(of: turn, liveBefore: liveBefore)
        absorb(turn)
        engine.takeBack(turn)
        return turn
    }

    @discardableResult
    func call(_ target: InvocationTarget, _ input: String = "", as caller: UInt64 = 1, key: String? = nil) -> Turn {
        command(.invoke(InvokeCommand(target: target, mode: .call, input: b(input), idempotencyKey: key)), as: caller)
    }

    @discardableResult
    func send(
        _ target: InvocationTarget, delayMs: Int64? = nil, as caller: UInt64 = 1, key: String? = nil
    ) -> Turn {
        let mode = InvokeCommand.Mode.send(delayMs: delayMs)
        return command(.invoke(InvokeCommand(target: target, mode: mode, input: [], idempotencyKey: key)), as: caller)
    }

    @discardableResult
    func attach(_ serial: InvocationSerial, as caller: UInt64 = 1) -> Turn {
        command(.attach(id(serial)), as: caller)
    }

    @discardableResult
    func output(_ serial: InvocationSerial, as caller: UInt64 = 1) -> Turn {
        command(.output(id(serial)), as: caller)
    }

    @discardableResult
    func complete(_ awakeable: AwakeableID, _ result: String, as caller: UInt64 = 9) -> Turn {
        command(.completeAwakeable(awakeable, .success(b(result))), as: caller)
    }

    @discardableResult
    func steer(_ serial: InvocationSerial, _ steering: Steering, as caller: UInt64 = 8) -> Turn {
        command(.steer(id(serial), steering), as: caller)
    }

    @discardableResult
    func command(_ command: ClientCommand, as caller: UInt64) -> Turn {
        nextWord += 3
        return step(
            .command(command, from: CallerToken(caller), entropy: Entropy(nextWord, nextWord + 1, nextWord &* 0x9E37)))
    }

    /// One operation of the live attempt of `serial`.
    @discardableResult
    func op(_ serial: InvocationSerial, _ operation: Operation) -> Turn {
        step(.operation(attempt(serial), operation))
    }

    @discardableResult
    func returns(_ serial: InvocationSerial, _ output: String = "") -> Turn {
        step(.attemptEnded(attempt(serial), .returned(b(output))))
    }

    @discardableResult
    func ends(_ serial: InvocationSerial, _ result: AttemptResult) -> Turn {
        step(.attemptEnded(attempt(serial), result))
    }

    @discardableResult
    func runEnds(_ serial: InvocationSerial, _ entry: Int, try number: Int = 1, _ result: RunResult) -> Turn {
        let isMeant = { (run: RunID) in run.serial == serial && run.entry == entry && run.attempt == number }
        let run = closures.first(where: isMeant) ?? RunID(serial: serial, entry: entry, attempt: number)
        closures.removeAll(where: isMeant)
        if case .success = result, let stored = disk.journal[serial]?[entry], run.durableRank != nil {
            // What the engine hears of it now is what the disk has already.
            var batch = Batch()
            batch.append(.updateEntry(serial, entry, stored))
            truth.apply(batch)
        }
        return step(.runEnded(run, result))
    }

    /// The store executes a transactional step and writes its result down; the engine does not know yet.
    func transacts(_ serial: InvocationSerial, _ entry: Int, _ result: String) {
        guard let run = closures.last(where: { $0.serial == serial && $0.entry == entry }),
            var stored = disk.journalEntries(of: serial).dropFirst(entry).first
        else {
            Issue.record("no step \(entry) is executed")
            return
        }
        stored.completion = .outcome(.success(b(result)))
        stored.completionRank = run.durableRank ?? 0
        var batch = Batch()
        batch.append(.updateEntry(serial, entry, stored))
        disk.apply(batch)
    }

    /// The clock goes on and timers are looked at.
    @discardableResult
    func wait(_ ms: Int64) -> Turn {
        nowMs += ms
        return step(.timersDue)
    }

    @discardableResult
    func sweep() -> Turn { step(.sweep) }

    // MARK: The disk

    /// Writes the oldest `count` pending turns (all by default) as one batch, tells the engine, and returns the
    /// external effects that may be performed now.
    @discardableResult
    func commit(_ count: Int? = nil) -> [String] {
        let released = write(count)
        confirm()
        return released
    }

    private(set) var unconfirmed: Int64?
    private(set) var lastReleased: [ExternalEffect] = []

    /// The batch reaches the disk and its effects are performed; the engine does not know yet.
    @discardableResult
    func write(_ count: Int? = nil) -> [String] {
        let group = Array(pending.prefix(count ?? pending.count))
        pending.removeFirst(group.count)
        var naive = disk
        for turn in group { naive.apply(turn) }
        disk.apply(Batch(group))
        expectSame(disk, naive, "a batch of several turns must do what the turns do one by one")
        durableSerialMax = max(durableSerialMax, disk.invocations.keys.max() ?? 0)
        let effects = group.flatMap(\.externalEffects)
        for effect in effects {
            checkRelease(of: effect)
            if case .startRun(let run) = effect { closures.append(run) }
        }
        if let last = group.last { unconfirmed = last.number }
        lastReleased = effects
        return effects.map(words.text)
    }

    @discardableResult
    func confirm() -> Turn? {
        guard let number = unconfirmed else { return nil }
        unconfirmed = nil
        return step(.durable(turn: number))
    }

    /// Reads and answers all loads that are outstanding now; returns the last turn.
    @discardableResult
    func answerLoads() -> Turn {
        if outstanding.isEmpty { Issue.record("no load is outstanding") }
        for _ in outstanding { answerLoad(at: 0) }
        return lastTurn
    }

    /// The read happens; its answer comes later.
    func readLoad(at index: Int = 0) {
        outstanding[index].value = outstanding[index].value ?? disk.load(outstanding[index].key)
    }

    /// `value` nil: what the disk has.
    @discardableResult
    func answerLoad(at index: Int = 0, with value: LoadedValue? = nil) -> Turn {
        readLoad(at: index)
        let load = outstanding.remove(at: index)
        answering = load.key
        defer { answering = nil }
        return step(.loaded(load.key, value ?? load.value ?? disk.load(load.key)))
    }

    /// The process dies: what was not written is lost. A new one starts from the disk.
    @discardableResult
    func crash(byTrap: Bool = false) -> Turn {
        truth = disk
        pending = []
        outstanding = []
        closures = []
        unconfirmed = nil
        engine = Engine(catalog: .forTests, limits: limits)
        var state = disk.recover()
        state.endedByTrap = byTrap
        absorb(engine.recover(state, at: nowMs))
        return lastTurn
    }

    /// An orderly stop and a new start.
    @discardableResult
    func restart() -> Turn {
        step(.stopping)
        commit()
        return crash()
    }

    /// Commits and answers loads until nothing is left to do.
    func settle() {
        for _ in 0..<1_000 {
            if outstanding.isEmpty, pending.isEmpty { return }
            commit()
            if !outstanding.isEmpty { answerLoads() }
        }
        Issue.record("loads and commits do not come to an end")
    }

    // MARK: Looking

    func attempt(_ serial: InvocationSerial) -> AttemptID {
        guard let id = engine.invocations[serial]?.attemptID else {
            Issue.record("\(words.text(serial)) has no live attempt")
            return AttemptID(serial: serial, epoch: -1)
        }
        return id
    }

    func id(_ serial: InvocationSerial) -> InvocationID {
        words.serials.first { $0.value == serial }?.key ?? InvocationID(partitionKey: 0, uuid: 0)
    }

    func isResident(_ serial: InvocationSerial) -> Bool { engine.invocations[serial] != nil }

    func status(_ serial: InvocationSerial) -> InvocationStatus? { truth.invocations[serial]?.progress.status }

    func progress(_ serial: InvocationSerial) -> Progress? { truth.invocations[serial]?.progress }

    func journal(_ serial: InvocationSerial) -> [String] { truth.journalEntries(of: serial).map(words.text) }

    /// The awakeable that the last turn created.
    var createdAwakeable: AwakeableID {
        for case .resume(_, .awakeable(_, let id)) in lastTurn.internalEffects { return id }
        Issue.record("the last turn created no awakeable")
        return AwakeableID(invocation: id(0), index: 0)
    }

    private func absorb(_ turn: Turn) {
        for case .insertInvocation(let serial, let record) in turn.mutations {
            words.serials[record.acceptance.id] = serial
        }
        checkTurn(turn)
        lastTurn = turn
        if turn.concernsDisk { pending.append(turn) }
        truth.apply(turn)
        outstanding += turn.loads.map { OutstandingLoad(key: $0) }
        checkInvariants()
    }
}

extension Batch {
    init(_ turns: some Sequence<Turn>) {
        self.init()
        for turn in turns { for mutation in turn.mutations { append(mutation) } }
    }
}

extension DiskImage {
    mutating func apply(_ turn: Turn) {
        for mutation in turn.mutations {
            var batch = Batch()
            batch.append(mutation)
            apply(batch)
        }
    }
}

// What a test expects of a turn.
extension Driver {
    func now(_ turn: Turn) -> [String] { words.now(turn) }
    func later(_ turn: Turn) -> [String] { words.later(turn) }
    func rows(_ turn: Turn) -> [String] { words.rows(turn) }
    func loads(_ turn: Turn) -> [String] { words.loads(turn) }

    var now: [String] { words.now(lastTurn) }
    var later: [String] { words.later(lastTurn) }
    var rows: [String] { words.rows(lastTurn) }
    var events: [String] { words.events(lastTurn) }
    var loads: [String] { words.loads(lastTurn) }
}
