import DurableModel
import SQLiteStore

/// Commits whose contents follow from their numbers, so that a store killed at any moment can be compared with what
/// its last commit says that it holds. The rows are such as an engine writes: they pass `reprise verify`.
enum StoreWorkout {
    /// Commits after which an invocation changes for the last time, and after which it is deleted.
    private static let changesAfter: Int64 = 10
    private static let lastsFor: Int64 = 40
    private static let objects: Int64 = 7
    private static let startMs: Int64 = 1_800_000_000_000

    static func batch(_ number: Int64) -> Batch {
        var batch = Batch()
        let serial = InvocationSerial(number)
        batch.append(.insertInvocation(serial, first(number)))
        for (index, entry) in journal(number).enumerated() { batch.append(.insertEntry(serial, index, entry)) }
        for timer in timers(number) { batch.append(.putTimer(timer.id, dueMs: timer.dueMs)) }
        change(number - changesAfter, in: &batch)
        if number > lastsFor { batch.append(.deleteInvocation(InvocationSerial(number - lastsFor))) }
        batch.append(.putState(object(number), name: "total", value: value(number)))
        let name = "at \(number)"
        batch.append(.putState(object(number), name: name, value: [1]))
        if number > objects {
            batch.append(.deleteState(object(number - objects), name: "at \(number - objects)"))
        }
        batch.append(.putPromise(object(number), name: "p", promise(number)))
        batch.append(.putMeta(.clockMs, startMs + number))
        batch.append(.putMeta(.serialCeiling, number + 1))
        return batch
    }

    private static func change(_ number: Int64, in batch: inout Batch) {
        guard number > 0, first(number) != last(number) else { return }
        let serial = InvocationSerial(number)
        for index in journal(number).indices { batch.append(.deleteEntry(serial, index)) }
        for timer in timers(number) { batch.append(.deleteTimer(timer.id)) }
        batch.append(.updateInvocation(serial, last(number).progress))
    }

    // MARK: What is there

    /// The number of the last of these commits, from what it has left behind.
    static func last(in store: SQLiteStore) throws(StoreError) -> Int64 {
        guard let clockMs = try store.recover().meta[.clockMs] else { return 0 }
        return clockMs - startMs
    }

    /// What is wrong with a store whose last commit seems to be `last`; nil when it holds exactly what that one left.
    static func flaw(of store: SQLiteStore, after last: Int64) throws(StoreError) -> String? {
        let recovered = try store.recover()
        var timers: [RecoveredTimer] = []
        var (live, completed) = (0, 0)
        for number in max(1, last - 2 * lastsFor)..<(last + 5) {
            let serial = InvocationSerial(number)
            let expected = invocation(number, after: last)
            guard try store.load([.invocation(serial)]) == [.invocation(expected)] else {
                return "invocation \(number) is not as commit \(last) left it"
            }
            guard let expected else { continue }
            switch expected.record.progress.status {
            case .completed: completed += 1
            case .scheduled: break
            default: live += 1
            }
            if number > last - changesAfter { timers += self.timers(number) }
        }
        if recovered.timers != timers { return "timers are \(recovered.timers), not \(timers)" }
        if recovered.live.count != live { return "\(recovered.live.count) live invocations, not \(live)" }
        let retained = recovered.retainedPromised + recovered.retainedUnpromised
        if retained != completed { return "\(retained) completed invocations, not \(completed)" }
        let meta: [MetaKey: Int64] = last == 0 ? [:] : [.clockMs: startMs + last, .serialCeiling: last + 1]
        if recovered.meta != meta { return "the engine's numbers are \(recovered.meta), not \(meta)" }
        return try flawOfObjects(of: store, after: last)
    }

    private static func flawOfObjects(of store: SQLiteStore, after last: Int64) throws(StoreError) -> String? {
        for number in (last - objects + 1)..<(last + 1) {
            var expected = LoadedObject()
            if number > 0 {
                expected.values = [
                    StateValue(name: "at \(number)", value: [1]), StateValue(name: "total", value: value(number)),
                ]
                expected.promises = [StoredPromise(name: "p", promise: promise(number))]
            }
            guard try store.load([.object(object(number))]) == [.object(expected)] else {
                return "the object \(object(number).key) is not as commit \(last) left it"
            }
        }
        return nil
    }

    private static func invocation(_ number: Int64, after last: Int64) -> LoadedInvocation? {
        guard number <= last, number > last - lastsFor else { return nil }
        let serial = InvocationSerial(number)
        if number <= last - changesAfter {
            return LoadedInvocation(serial: serial, record: self.last(number), journal: [])
        }
        return LoadedInvocation(serial: serial, record: first(number), journal: journal(number))
    }

    // MARK: Contents

    private static func object(_ number: Int64) -> ObjectID {
        ObjectID(service: "Workout", key: "\((number % objects + objects) % objects)")
    }

    /// Some values are long: they take pages of their own.
    private static func value(_ number: Int64) -> Bytes {
        Bytes(repeating: UInt8(truncatingIfNeeded: number), count: number % 5 == 0 ? 12_000 : 20)
            + Array("\(number)".utf8)
    }

    private static func promise(_ number: Int64) -> DurablePromise {
        DurablePromise(outcome: number % 2 == 0 ? .success(value(number)) : nil, waiters: [])
    }

    private static func journal(_ number: Int64) -> [JournalEntry] {
        guard number % 4 == 1 else { return [] }
        return [
            JournalEntry(.run(name: "step", policy: nil), completion: .outcome(.success(value(number)))),
            JournalEntry(.sleep(durationMs: 60_000), detail: .due(startMs + number + 60_000)),
        ]
    }

    private static func timers(_ number: Int64) -> [RecoveredTimer] {
        let serial = InvocationSerial(number)
        return switch number % 4 {
        case 1: [RecoveredTimer(id: TimerID(serial: serial, slot: .entry(1)), dueMs: startMs + number + 60_000)]
        case 3: [RecoveredTimer(id: TimerID(serial: serial, slot: .start), dueMs: startMs + number + 1_000)]
        default: []
        }
    }

    private static func id(_ number: Int64) -> InvocationID {
        let acceptedAtMs = UInt128(UInt64(startMs + number))
        return InvocationID(
            partitionKey: UInt64(number) &* 0x9e37_79b9_7f4a_7c15, uuid: acceptedAtMs << 80 | UInt128(UInt64(number)))
    }

    private static func first(_ number: Int64) -> InvocationRecord {
        if number % 4 == 0 { return last(number) }
        let kind: HandlerKind = number % 4 == 2 ? .exclusive : .service
        var acceptance = Acceptance(
            id: id(number),
            target: InvocationTarget(
                service: "Workout", key: kind == .exclusive ? "\(number % 3)" : nil, handler: "work"),
            kind: kind, input: value(number), createdAtMs: startMs + number, seed: UInt64(number))
        var progress = Progress(status: .running)
        if number % 4 == 2 {
            progress.status = .pending
            progress.laneOrder = number
        } else if number % 4 == 3 {
            progress.status = .scheduled
            acceptance.scheduledForMs = startMs + number + 1_000
        }
        return InvocationRecord(acceptance: acceptance, progress: progress)
    }

    private static func last(_ number: Int64) -> InvocationRecord {
        var record = number % 4 == 0 ? first(number + 1) : first(number)
        record.acceptance.id = id(number)
        record.acceptance.createdAtMs = startMs + number
        record.acceptance.isPromised = number % 8 == 0
        let isFailure = number % 4 == 2
        record.progress.status = .completed
        record.progress.outcome = isFailure
            ? .failure(TerminalFailure(code: 409, message: "no \(number)")) : .success(value(number))
        record.progress.completedAtMs = startMs + number
        record.progress.expiresAtMs = startMs + number + 86_400_000
        record.progress.packedJournal = journal(number)
        record.progress.journalLength = journal(number).count
        return record
    }
}
