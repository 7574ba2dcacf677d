import DurableModel

/// Draws mutations as an engine may make them: serials are not reused, entries are appended, what is updated exists.
struct RandomWork {
    var dice: Dice
    private(set) var model = StoreModel()
    private var nextSerial: Int64 = 1
    private var clockMs = startMs
    private var journals: [(serial: InvocationSerial, length: Int)] = []

    private static let entries = Samples.entries
    private static let startMs: Int64 = 1_760_000_000_000
    private let objects = [
        ObjectID(service: "Counter", key: "a"), ObjectID(service: "Counter", key: "b\u{0}c"),
        ObjectID(service: "Ticket", key: "a"),
    ]

    init(seed: UInt64) { dice = Dice(seed: seed) }

    mutating func nextBatch() -> Batch {
        var batch = Batch()
        for _ in 0...dice.below(30) {
            for mutation in nextStep() {
                batch.append(mutation)
                model.apply(mutation)
            }
        }
        return batch
    }

    mutating func nextKeys() -> [LoadKey] {
        (0..<8).map { _ in
            let serial = InvocationSerial(Int64(dice.below(Int(nextSerial) + 1)))
            switch dice.below(5) {
            case 0: return .invocation(serial)
            case 1:
                let known = model.invocations[serial]?.acceptance.id
                return .invocationByID(known ?? Samples.acceptance(serial.rawValue).id)
            case 2: return .object(dice.pick(objects))
            case 3: return .expired(beforeMs: Int64(dice.below(20)), limit: dice.below(10))
            default: return .oldestUnpromised(limit: dice.below(10))
            }
        }
    }

    mutating func nextFilter() -> InvocationFilter {
        InvocationFilter(
            status: dice.chance(50) ? dice.pick(InvocationStatus.allCases) : nil,
            service: dice.chance(30) ? dice.pick(["Counter", "Plain"]) : nil,
            key: dice.chance(30) ? dice.pick(objects).key : nil, limit: dice.below(20))
    }

    private mutating func nextStep() -> [Mutation] {
        switch dice.below(11) {
        case 10 where dice.chance(40): return [.deletePromise(dice.pick(objects), name: dice.pick(Samples.texts))]
        case 10:
            return [.putPromise(dice.pick(objects), name: dice.pick(Samples.texts), dice.pick(Samples.promises))]
        case 0, 1: return accept()
        case 2: return journals.isEmpty ? [] : [.updateInvocation(dice.pick(journals).serial, progress())]
        case 3: return append()
        case 4: return complete()
        case 5: return forget()
        case 6: return [.putState(dice.pick(objects), name: dice.pick(Samples.texts), value: dice.bytes(upTo: 40))]
        case 7: return [.deleteState(dice.pick(objects), name: dice.pick(Samples.texts))]
        case 8: return [dice.chance(60) ? .putTimer(timer(), dueMs: Int64(dice.below(100))) : .deleteTimer(timer())]
        default: return [.putMeta(dice.pick(MetaKey.allCases), Int64(bitPattern: dice.next()))]
        }
    }

    private mutating func accept() -> [Mutation] {
        let serial = InvocationSerial(nextSerial)
        nextSerial += 1
        journals.append((serial, 0))
        if dice.chance(40) { return [.insertInvocation(serial, brief(serial))] }
        let object = dice.chance(70) ? dice.pick(objects) : nil
        var acceptance = Samples.acceptance(
            serial.rawValue, service: object?.service ?? "Plain", key: object?.key,
            kind: object == nil ? .service : dice.pick(HandlerKind.allCases), isPromised: dice.chance(40))
        acceptance.input = Bytes(repeating: 5, count: dice.chance(20) ? 2000 : dice.below(50))
        return [.insertInvocation(serial, InvocationRecord(acceptance: acceptance, progress: progress()))]
    }

    /// As most calls are: over when they are first written down. Some break the order of time or of expiry.
    private mutating func brief(_ serial: InvocationSerial) -> InvocationRecord {
        clockMs += Int64(dice.below(3))
        let acceptedAtMs = dice.chance(5) ? clockMs - 1 : clockMs
        let target = InvocationTarget(service: "Counter", key: "a", handler: "add")
        let entropy = Entropy(dice.next(), dice.next(), dice.next())
        var acceptance = Acceptance(
            id: .fresh(target: target, nowMs: acceptedAtMs, entropy: entropy), target: target, kind: .exclusive,
            input: Bytes(repeating: 5, count: dice.chance(5) ? 2000 : dice.below(5)), createdAtMs: acceptedAtMs,
            seed: entropy.seed)
        if dice.chance(30) { acceptance.headers = [HeaderField("a", "b")] }
        if dice.chance(30) { acceptance.parent = ParentLink(serial: InvocationSerial(1), entry: 2) }
        var progress = Progress(status: .completed)
        progress.laneOrder = serial.rawValue
        progress.outcome = dice.pick(Samples.outcomes)
        progress.completedAtMs = clockMs
        progress.expiresAtMs = dice.chance(5) ? 0 : (clockMs - Self.startMs) / 4
        if dice.chance(80) {
            progress.packedJournal = [dice.pick(Self.entries)]
            progress.journalLength = 1
        }
        if dice.chance(5) { progress.strikes = 1 }
        return InvocationRecord(acceptance: acceptance, progress: progress)
    }

    private mutating func progress() -> Progress {
        var progress = Progress(status: dice.pick(InvocationStatus.allCases))
        progress.laneOrder = dice.chance(70) ? Int64(dice.below(20)) : nil
        progress.strikes = dice.below(3)
        progress.lastFailure = dice.chance(20) ? dice.pick(Samples.texts) : nil
        progress.expiresAtMs = dice.chance(80) ? Int64(dice.below(20)) : nil
        progress.outcome = dice.chance(50) ? dice.pick(Samples.outcomes) : nil
        if dice.chance(20) {
            progress.cancelRanks = [dice.below(9)]
            progress.waiting = Waiting(dice.pick(Waiting.Condition.allCases), [dice.below(9)])
        }
        progress.packedJournal = dice.chance(10) ? [dice.pick(Self.entries)] : nil
        return progress
    }

    private mutating func append() -> [Mutation] {
        guard !journals.isEmpty else { return [] }
        let place = dice.below(journals.count)
        defer { journals[place].length += 1 }
        return [.insertEntry(journals[place].serial, journals[place].length, dice.pick(Self.entries))]
    }

    private mutating func complete() -> [Mutation] {
        guard let journal = journals.first(where: { $0.length > 0 }) else { return [] }
        let index = dice.below(journal.length)
        guard var entry = model.entries[journal.serial]?[index] else { return [] }
        entry.completion = dice.pick(Samples.completions)
        entry.completionRank = dice.below(3)
        entry.detail = dice.pick(Samples.details)
        return [.updateEntry(journal.serial, index, entry)]
    }

    private mutating func forget() -> [Mutation] {
        guard dice.chance(50), !journals.isEmpty else { return [] }
        let first = dice.chance(50) ? 0 : dice.below(journals.count)
        let leaving = journals[first...].prefix(dice.chance(50) ? 1 : dice.below(6))
        journals.removeSubrange(leaving.indices)
        return leaving.flatMap { journal in (0..<journal.length).map { .deleteEntry(journal.serial, $0) } }
            + leaving.map { .deleteInvocation($0.serial) }
    }

    private mutating func timer() -> TimerID {
        TimerID(
            serial: InvocationSerial(Int64(dice.below(5))),
            slot: dice.pick([.start, .retry, .entry(0), .entry(3)]))
    }
}
