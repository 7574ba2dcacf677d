import DurableModel
import Simulation
import Testing

@testable import EngineCore

/// Random clients, handlers, closures, disk, clock and crashes against one engine; the driver checks the invariants
/// after each step, and in the end everything has to have happened exactly once.
final class Workout {
    let d = Driver {
        $0.speculationTurnsMax = 25
        $0.packedJournalEntriesMax = 3
        $0.residentLaneDepthMax = 1
        $0.idleObjectsMax = 1
        $0.sliceMax = 4
        $0.retainedUnpromisedMax = 10
        $0.probationMs = 200
        $0.inactivityMs = 150
        $0.liveAttemptsMax = 12
    }
    /// What has occurred: a run that never meets something proves nothing about it.
    private(set) var seen: [String: Int] = [:]
    private(set) var totals: [String: [InvocationSerial: String]] = [:]

    private var random: SeededRandom
    private var players: [AttemptID: Player] = [:]
    private var awakeables: [AwakeableID] = []
    private var accepted: [InvocationID] = []
    private var answered: Set<UInt64> = []
    private var nextCaller: UInt64 = 100
    private var isCalm = false
    private var answering: LoadKey?
    /// Where somebody was killed who may have written and never answered.
    private var killedKeys: Set<String> = []

    init(seed: UInt64) {
        random = SeededRandom(seed: seed)
        d.label = "seed \(seed): "
    }

    func run(steps: Int) {
        for _ in 0..<steps { act() }
        calmDown()
        checkEnd()
    }

    // MARK: Acting

    private func act() {
        switch random.below(100) {
        case 0..<42: playSomeone()
        case 42..<50: endSomeClosure()
        case 50..<60: writeSome()
        case 60..<68: if d.confirm() != nil { react() }
        case 68..<72: if let index = someLoad() { d.readLoad(at: index) }
        case 72..<79: answerSomeLoad()
        case 79..<86: react(to: d.wait(Int64(random.below(60))))
        case 86..<93: request()
        case 93: steerSomeone()
        case 94: sweep()
        case 95: if random.below(3) == 0 { d.nowMs = max(0, d.nowMs - 40) } else { steerSomeone() }
        case 96..<98: completeSomeAwakeable()
        case 98 where random.below(4) == 0: restart(orderly: random.below(3) == 0)
        default: break
        }
    }

    private func playSomeone() {
        let ready = players.values.filter { !$0.isWaiting }.sorted { $0.id.epoch < $1.id.epoch }
        guard let player = pick(ready) else { return }
        if !isCalm, random.below(60) == 0 {
            players[player.id] = nil
            return react(to: d.step(.attemptEnded(player.id, .failed("chance"))))
        }
        switch player.next {
        case .operation(let operation):
            player.isWaiting = true
            react(to: d.step(.operation(player.id, operation)))
            switch operation {
            case .log, .publish: player.goOn()
            case .await, .select: break
            default: if player.isWaiting { note("operation waited") }
            }
        case .end(let result):
            players[player.id] = nil
            react(to: d.step(.attemptEnded(player.id, result)))
        }
    }

    private func endSomeClosure() {
        guard let run = pick(d.closures) else { return }
        let result: RunResult =
            switch isCalm ? 9 : random.below(10) {
            case 0...2: .failed("chance")
            case 3: .terminal(TerminalFailure(message: "no"))
            default: .success(b("r"))
            }
        react(to: d.runEnds(run.serial, run.entry, try: run.attempt, result))
    }

    private func writeSome() {
        guard d.unconfirmed == nil, !d.pending.isEmpty else { return }
        d.write(1 + random.below(d.pending.count))
        for effect in d.lastReleased {
            switch effect {
            case .start(let start): begin(start)
            case .answer(let caller, let reply): hear(reply, caller)
            default: break
            }
        }
        for (serial, record) in d.disk.invocations where record.acceptance.target.handler == "add" {
            guard case .success(let total) = record.progress.outcome else { continue }
            totals[record.acceptance.target.key ?? "", default: [:]][serial] = total.text
        }
    }

    private func request() {
        let target = Program.targets[random.below(Program.targets.count)]
        let key = random.below(3) == 0 ? "k\(random.below(6))" : nil
        nextCaller += 1
        switch random.below(8) {
        case 0...3: react(to: d.call(target, as: nextCaller, key: key))
        case 4: react(to: d.send(target, as: nextCaller, key: key))
        case 5: react(to: d.send(target, delayMs: Int64(random.below(200)), as: nextCaller, key: key))
        default:
            // Some of these were lost in a crash.
            guard let id = pick(accepted) else { return }
            let command: ClientCommand = random.below(2) == 0 ? .attach(id) : .output(id)
            react(to: d.command(command, as: nextCaller))
        }
    }

    private func steerSomeone() {
        // Most of what was accepted long ago has ended.
        guard let id = pick(random.below(2) == 0 ? accepted : accepted.suffix(10)) else { return }
        var choices: [Steering] = [.cancel, .cancel, .kill, .pause, .resume, .resume]
        // What adds is counted by its results, and one that goes on from an old total adds to that.
        if d.truth.invocations.values.first(where: { $0.acceptance.id == id })?.acceptance.target.handler != "add" {
            choices += [.purge, .purgeJournal, .restartAsNew(keptEntries: random.below(3))]
        }
        nextCaller += 1
        react(to: d.command(.steer(id, choices[random.below(choices.count)]), as: nextCaller))
    }

    private func sweep() {
        d.nowMs += 50
        react(to: d.sweep())
    }

    private func completeSomeAwakeable() {
        guard let id = pick(awakeables) else { return }
        nextCaller += 1
        react(to: d.complete(id, "a", as: nextCaller))
    }

    private func restart(orderly: Bool) {
        note(orderly ? "restart" : "crash")
        players = [:]
        if !orderly, d.unconfirmed != nil { note("crash between write and confirmation") }
        if !orderly, !d.pending.isEmpty { note("crash that loses turns") }
        if orderly {
            d.step(.stopping)
            while !d.pending.isEmpty || d.unconfirmed != nil {
                writeSome()
                d.confirm()
            }
            players = [:]
        }
        d.nowMs += Int64(random.below(5) * 20_000)
        react(to: d.crash(byTrap: random.below(2) == 0))
    }

    private func pick<Choice>(_ choices: [Choice]) -> Choice? {
        choices.isEmpty ? nil : choices[random.below(choices.count)]
    }

    private func answerSomeLoad() {
        guard let index = someLoad() else { return }
        answering = d.outstanding[index].key
        react(to: d.answerLoad(at: index))
        answering = nil
    }

    private func someLoad() -> Int? { d.outstanding.isEmpty ? nil : random.below(d.outstanding.count) }

    // MARK: Reacting

    private func react() { react(to: d.lastTurn) }

    private func react(to turn: Turn) {
        for effect in turn.internalEffects {
            switch effect {
            case .start(let start): begin(start)
            case .end(let id): players[id] = nil
            case .resume(let id, .ended): players[id] = nil
            case .resume(let id, let reply):
                if case .awakeable(_, let awakeable) = reply { awakeables.append(awakeable) }
                players[id]?.hear(reply)
            case .refuse(let caller, let refusal): hear(.refused(refusal), caller)
            case .forgetRuns: note("forgot runs")
            }
        }
        for event in turn.events { note(event) }
        for key in turn.loads { note(key, isAgain: key == answering) }
        for case .updateInvocation(_, let progress) in turn.mutations where !progress.followers.isEmpty {
            note("follower")
        }
        for case .insertInvocation(_, let record) in turn.mutations { accepted.append(record.acceptance.id) }
        for case .deleteInvocation in turn.mutations { note("purge") }
        for case .deleteEntry in turn.mutations { note("journal row deleted") }
        for case .updateEntry(_, _, let entry) in turn.mutations {
            guard case .outcome(.failure(let failure)) = entry.completion else { continue }
            note(String(failure.message.prefix { $0 != ":" }))
        }
        for case .deletePromise in turn.mutations { note("promise forgotten") }
        for case .updateInvocation(let serial, let progress) in turn.mutations { note(progress, of: serial) }
        if d.engine.waitingAgain > 0 { note("input that waits for a second load") }
        if !d.engine.backlogged.isEmpty { note("step parked behind the disk") }
    }

    private func note(_ progress: Progress, of serial: InvocationSerial) {
        if progress.status == .suspended { note("suspended") }
        guard case .failure(let failure) = progress.outcome else { return }
        note(String(failure.message.prefix { $0 != ":" }))
        if failure.message == "killed", let object = d.truth.invocations[serial]?.acceptance.target.object {
            killedKeys.insert(object.key)
        }
    }

    private func note(_ event: EngineEvent) {
        switch event {
        case .paused(_, let reason): note(reason.contains("unclean") ? "paused by strikes" : "paused")
        case .attemptFailed: note("attempt failed")
        case .runFailed: note("run failed")
        case .resumedAlone: note("second strike")
        case .unreadable: note("unreadable")
        case .stuck: note("stuck")
        }
    }

    private func note(_ key: LoadKey, isAgain: Bool) {
        if isAgain { note("spoiled load read again") }
        switch key {
        case .invocationByID: note("load by id")
        case .invocation: note("load by serial")
        case .object: note("load of an object")
        case .expired: note("load of what has expired")
        case .oldestUnpromised: note("load of the oldest unpromised")
        }
    }

    private func begin(_ start: AttemptStart) {
        players[start.attempt] = Player(id: start.attempt, program: Program(start.acceptance))
    }

    private func hear(_ reply: ClientReply, _ token: CallerToken) {
        let caller = token.rawValue
        d.require(answered.insert(caller).inserted || caller == 2, "caller \(caller) was answered twice")
        note("answer")
    }

    private func note(_ what: String) { seen[what, default: 0] += 1 }

    // MARK: The end

    /// No faults any more: whatever began comes to its end.
    private func calmDown() {
        isCalm = true
        for _ in 0..<20_000 {
            playSomeone()
            endSomeClosure()
            if d.confirm() != nil { react() }
            writeSome()
            answerSomeLoad()
            let isIdle = players.values.allSatisfy(\.isWaiting) && d.closures.isEmpty && d.outstanding.isEmpty
            guard isIdle, d.pending.allSatisfy({ $0.mutations.isEmpty }) else { continue }
            if let dueMs = d.engine.nextTimerMs { d.nowMs = max(d.nowMs, dueMs) } else if isAtRest { return }
            react(to: d.wait(1))
            for id in awakeables { react(to: d.complete(id, "a", as: 2)) }
            awakeables = []
            if !d.engine.interrupted.isEmpty { sweep() }
        }
        Issue.record("the engine does not come to rest")
    }

    /// Nothing is left but what a person has to look at.
    private var isAtRest: Bool {
        d.truth.invocations.allSatisfy { $0.value.progress.status == .completed || isExcused($0.key) }
            && d.unconfirmed == nil
    }

    private func isExcused(_ serial: InvocationSerial, depth: Int = 0) -> Bool {
        guard let record = d.truth.invocations[serial] else { return false }
        if depth > 100 {
            d.require(false, "\(d.words.text(serial)) waits for itself")
            return false
        }
        switch record.progress.status {
        case .paused: return true
        case .pending:
            guard let object = record.acceptance.target.object, let owner = d.engine.lanes[object]?.owner else {
                return false
            }
            return owner != serial && isExcused(owner, depth: depth + 1)
        case .running, .suspended:
            let waiting = d.engine.invocations[serial]?.attempt?.parked?.waiting ?? record.progress.waiting
            let open = (waiting?.entries ?? []).filter { d.truth.journal[serial]?[$0]?.completion == nil }
            return open.contains { entry in
                switch d.truth.journal[serial]?[entry]?.detail {
                case .child(let child, _): isExcused(child, depth: depth + 1)
                default: if case .getPromise = d.truth.journal[serial]?[entry]?.command { true } else { false }
                }
            }
        default: return false
        }
    }

    private func checkEnd() {
        d.settle()
        react(to: d.send(.greet, as: 1))
        d.settle()
        for (key, results) in totals where !killedKeys.contains(key) {
            let expected = (1...results.count).map(String.init)
            d.require(
                results.values.sorted { $0.count == $1.count ? $0 < $1 : $0.count < $1.count } == expected,
                "the totals of \(key) are \(results.values.sorted())")
            let object = ObjectID(service: "Counter", key: key)
            let total = Int(d.truth.state[object]?["n"]?.text ?? "") ?? 0
            let paused = d.engine.lanes[object] == nil ? 0 : 1
            d.require((results.count...results.count + paused).contains(total), "the total of \(key) is \(total)")
        }
        let leftover = d.engine.invocations.values.filter(\.isCompleted)
        d.require(leftover.isEmpty, "\(leftover.map { d.words.text($0.serial) }) completed and never left memory")
        d.require(d.engine.loading.isEmpty && d.engine.waitingAgain == 0, "loads are forgotten")
        d.require(d.engine.deleted.isEmpty && d.engine.absentSerials.isEmpty, "deletions are remembered for ever")
        d.require(d.engine.backlogged.isEmpty, "somebody is parked for ever")
        d.require(d.engine.uncommittedBytes == 0, "\(d.engine.uncommittedBytes) bytes are counted for ever")
    }
}
