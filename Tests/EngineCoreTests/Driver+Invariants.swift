import DurableModel
import Simulation
import Testing

@testable import EngineCore

extension Engine {
    var liveAttemptIDs: Set<AttemptID> { Set(invocations.values.compactMap(\.attemptID)) }
}

// What holds after every step, whatever happened.
extension Driver {
    func require(_ condition: Bool, _ message: @autoclosure () -> String) {
        if !condition {
            Issue.record(
                """
                \(label)\(message())
                turn \(lastTurn.number): rows \(words.rows(lastTurn)) now \(words.now(lastTurn)) \
                later \(words.later(lastTurn)) loads \(words.loads(lastTurn))
                """)
        }
    }

    func checkInvariants() {
        checkMemoryAgainstTruth()
        checkObjectsAgainstTruth()
        checkLanes()
        checkCounters()
        checkTimers()
    }

    // MARK: One turn

    func checkTurn(_ turn: Turn) {
        if lastTurn.number > 0, turn.number != 1 {
            require(turn.number == lastTurn.number + 1, "turn \(turn.number) follows turn \(lastTurn.number)")
        }
        for mutation in turn.mutations {
            switch mutation {
            case .putMeta(.clockMs, let clockMs):
                require(clockMs >= truth.meta[.clockMs] ?? 0, "the clock went back to \(clockMs)")
            case .insertInvocation(let serial, _):
                require(serial > durableSerialMax, "serial \(serial.rawValue) was used before")
            case .updateInvocation(let serial, _):
                require(truth.invocations[serial] != nil, "update of a row that does not exist")
            default: break
            }
        }
        for key in turn.loads {
            require(!outstanding.contains { $0.key == key }, "\(words.text(key)) asked for twice")
            if case .invocation(let serial) = key, key != answering {
                require(engine.invocations[serial] == nil, "\(words.text(key)), which is in memory")
            }
        }
    }

    /// A value goes to the live attempt only; a stale one hears that it has ended.
    func checkResumes(of turn: Turn, liveBefore: Set<AttemptID>) {
        for case .resume(let id, let reply) in turn.internalEffects where reply != .ended {
            let isLive = engine.invocations[id.serial]?.attemptID == id || liveBefore.contains(id)
            require(isLive, "\(words.text(id)) was resumed but is stale")
        }
    }

    /// What is said outside is true on disk.
    func checkRelease(of effect: ExternalEffect) {
        switch effect {
        case .answer(_, .result(let id, let outcome, _)):
            let stored = disk.invocations.values.first { $0.acceptance.id == id }
            let isConflict = stored?.acceptance.kind == .workflowRun
            require(
                stored == nil || stored?.progress.outcome == outcome || isConflict,
                "\(words.text(effect)) is not what the disk has")
        case .answer(_, .accepted(let id, _, _)):
            // It may have been taken back since, in the same batch.
            let isThere = { (image: DiskImage) in image.invocations.values.contains { $0.acceptance.id == id } }
            require(isThere(disk) || !isThere(truth), "\(words.text(effect)) is not on disk")
        case .startRun(let run):
            require(disk.journal[run.serial]?[run.entry] != nil || disk.invocations[run.serial]?.progress.status
                == .completed, "\(words.text(effect)) before its entry is on disk")
            require(
                !closures.contains { $0.serial == run.serial && $0.entry == run.entry },
                "\(words.text(effect)) while an execution of it is under way")
        case .start(let start):
            let strikes = disk.invocations[start.attempt.serial]?.progress.strikes ?? 0
            require(strikes > 0 || !engine.isLive(start.attempt), "\(words.text(effect)) without a strike on disk")
        default: break
        }
    }

    // MARK: Memory, truth and disk

    private func checkMemoryAgainstTruth() {
        for (serial, invocation) in engine.invocations {
            let record = InvocationRecord(acceptance: invocation.acceptance, progress: invocation.progress)
            require(truth.invocations[serial] == record, "\(words.text(serial)) changed without a mutation")
            require(engine.serialByID[invocation.id] == serial, "\(words.text(serial)) is not found by its id")
            if !invocation.isCompleted {
                require(
                    truth.journalEntries(of: serial) == invocation.journal,
                    "the journal of \(words.text(serial)) changed without a mutation")
            }
        }
        for (id, serial) in engine.serialByID {
            require(engine.invocations[serial]?.id == id, "\(words.text(id)) names an invocation that is not in memory")
        }
        for (serial, record) in truth.invocations where engine.invocations[serial] == nil {
            require(disk.invocations[serial] == record, "\(words.text(serial)) left memory before it was durable")
            require(
                disk.journalEntries(of: serial) == truth.journalEntries(of: serial),
                "\(words.text(serial)) left memory before its journal was durable")
            let isResuming = engine.interrupted.contains(serial)
                || engine.loading[.invocation(serial)] != nil
            require(
                record.progress.status != .running || isResuming, "\(words.text(serial)) runs but is not in memory")
        }
        for serial in disk.invocations.keys where truth.invocations[serial] == nil {
            require(engine.invocations[serial] == nil, "\(words.text(serial)) is deleted but in memory")
        }
    }

    private func checkObjectsAgainstTruth() {
        for (id, object) in engine.objects {
            let values = Dictionary(uniqueKeysWithValues: object.values.map { ($0.key.text, $0.value) })
            require(truth.state[id] ?? [:] == values, "the state of \(id.key) changed without a mutation")
            let bytes = object.values.reduce(0) { $0 + $1.key.text.utf8.count + $1.value.count }
            require(object.bytes == bytes, "the state of \(id.key) is \(bytes) bytes, not \(object.bytes)")
        }
        for (id, object) in engine.objects {
            let promises = Dictionary(uniqueKeysWithValues: object.promises.map { ($0.key.text, $0.value) })
            require(truth.promises[id] ?? [:] == promises, "the promises of \(id.key) changed without a mutation")
        }
        for id in Set(truth.state.keys).union(disk.state.keys) where engine.objects[id] == nil {
            require(truth.state[id] == disk.state[id], "the state of \(id.key) left memory before it was durable")
        }
        for id in Set(truth.promises.keys).union(disk.promises.keys) where engine.objects[id] == nil {
            require(truth.promises[id] == disk.promises[id], "promises of \(id.key) left memory before they were durable")
        }
    }

    private func checkLanes() {
        var expected: [ObjectID: [(order: Int64, serial: InvocationSerial)]] = [:]
        for (serial, record) in truth.invocations where record.progress.status != .completed {
            guard record.acceptance.kind == .exclusive, let order = record.progress.laneOrder,
                let object = record.acceptance.target.object
            else { continue }
            expected[object, default: []].append((order, serial))
        }
        for id in Set(expected.keys).union(engine.lanes.keys) {
            let line = (expected[id] ?? []).sorted { $0.order < $1.order }.map(\.serial)
            let lane = engine.lanes[id].map { [$0.owner].compactMap { $0 } + Array($0.waiting) } ?? []
            require(line == lane, "lane \(id.key) is \(lane.map(words.text)), not \(line.map(words.text))")
            for waiting in line.dropFirst() {
                require(status(waiting) == .pending, "\(words.text(waiting)) waits in lane \(id.key), not pending")
            }
            if let owner = line.first, status(owner) == .pending {
                require(
                    engine.loading[.invocation(owner)] != nil,
                    "\(words.text(owner)) owns lane \(id.key) and nothing happens")
            }
        }
    }

    private func checkCounters() {
        let attempts = engine.invocations.values.compactMap(\.attempt)
        require(engine.liveAttempts == attempts.count, "\(attempts.count) live, counted \(engine.liveAttempts)")
        let parked = attempts.filter { $0.parked != nil }.count
        require(engine.parkedAttempts == parked, "\(parked) parked, counted \(engine.parkedAttempts)")
        let records = truth.invocations.values
        let paused = records.filter { $0.progress.status == .paused }.count
        require(engine.pausedInvocations == paused, "\(paused) paused, counted \(engine.pausedInvocations)")
        let completed = records.filter { $0.progress.status == .completed }
        let promised = completed.filter(\.acceptance.isPromised).count
        require(engine.retainedPromised == promised, "\(promised) promised, counted \(engine.retainedPromised)")
        require(
            engine.retainedUnpromised == completed.count - promised,
            "\(completed.count - promised) unpromised, counted \(engine.retainedUnpromised)")
        let bytes = engine.uncommittedSizes.reduce(0) { $0 + $1.value }
        require(engine.uncommittedBytes == bytes, "\(bytes) bytes uncommitted, counted \(engine.uncommittedBytes)")
    }

    /// Stored timers are exactly those that something waits for, and what callers pass on.
    private func checkTimers() {
        var expected: [TimerID: Int64] = [:]
        for (serial, record) in truth.invocations {
            switch record.progress.status {
            case .completed: continue
            case .scheduled: expected[TimerID(serial: serial, slot: .start)] = record.acceptance.scheduledForMs
            case .backingOff: expected[TimerID(serial: serial, slot: .retry)] = record.progress.nextAttemptMs
            default: break
            }
            for (index, entry) in truth.journal[serial] ?? [:] where entry.completion == nil {
                switch entry.detail {
                case .due(let dueMs): expected[TimerID(serial: serial, slot: .entry(index))] = dueMs
                case .run(let run): expected[TimerID(serial: serial, slot: .entry(index))] = run.nextAttemptMs
                default: break
                }
            }
        }
        let waiting = truth.timers.filter { $0.key.slot.steering == nil }
        let (stored, needed) = (waiting.keys.map(words.text), expected.keys.map(words.text))
        require(expected == waiting, "timers are \(stored.sorted()), needed are \(needed.sorted())")
    }

    func expectSame(_ a: DiskImage, _ b: DiskImage, _ message: String) {
        require(
            a.invocations == b.invocations && a.journal == b.journal && a.state == b.state && a.promises == b.promises && a.timers == b.timers
                && a.meta == b.meta, message)
    }
}
