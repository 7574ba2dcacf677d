import DurableModel
import Testing

@testable import SQLiteStore

/// What is committed is there after the store was closed, and after a crash.
@Suite struct RoundTripTests {
    let directory = TemporaryDirectory()

    /// Commits, closes, and answers the loads from a new store.
    private func loadAfterReopening(_ mutations: [Mutation], _ keys: [LoadKey]) throws -> [LoadedValue] {
        let store = try directory.open()
        try store.commit(batch(mutations))
        try store.close()
        return try directory.open().load(keys)
    }

    private let serial = InvocationSerial(42)

    @Test func aFullInvocationReadsBack() throws {
        let record = Samples.fullRecord
        let loaded = try loadAfterReopening(
            [.insertInvocation(serial, record)],
            [.invocation(serial), .invocationByID(record.acceptance.id), .invocation(InvocationSerial(43))])
        let expected = LoadedInvocation(serial: serial, record: record, journal: [])
        #expect(loaded == [.invocation(expected), .invocation(expected), .invocation(nil)])
    }

    @Test(arguments: [0, 1, 1024, 1025, 3_000_000]) func inputsOfAnySizeReadBack(size: Int) throws {
        var record = Samples.record(42)
        record.acceptance.input = Bytes(repeating: 3, count: size)
        let loaded = try loadAfterReopening([.insertInvocation(serial, record)], [.invocation(serial)])
        #expect(loaded == [.invocation(LoadedInvocation(serial: serial, record: record, journal: []))])
    }

    @Test(arguments: InvocationStatus.allCases) func everyStatusReadsBack(status: InvocationStatus) throws {
        let record = Samples.record(42, status)
        let loaded = try loadAfterReopening([.insertInvocation(serial, record)], [.invocation(serial)])
        #expect(loaded == [.invocation(LoadedInvocation(serial: serial, record: record, journal: []))])
    }

    @Test(arguments: HandlerKind.allCases) func everyKindReadsBack(kind: HandlerKind) throws {
        var record = Samples.record(42)
        record.acceptance.kind = kind
        let loaded = try loadAfterReopening([.insertInvocation(serial, record)], [.invocation(serial)])
        #expect(loaded == [.invocation(LoadedInvocation(serial: serial, record: record, journal: []))])
    }

    @Test func everyOutcomeReadsBack() throws {
        var mutations: [Mutation] = []
        var keys: [LoadKey] = []
        var expected: [LoadedValue] = []
        for (index, outcome) in Samples.outcomes.enumerated() {
            let serial = InvocationSerial(Int64(index + 1))
            var record = Samples.record(serial.rawValue, .completed)
            record.progress.outcome = outcome
            mutations.append(.insertInvocation(serial, record))
            keys.append(.invocation(serial))
            expected.append(.invocation(LoadedInvocation(serial: serial, record: record, journal: [])))
        }
        #expect(try loadAfterReopening(mutations, keys) == expected)
    }

    @Test func aJournalOfEverythingReadsBackInOrder() throws {
        let entries = Samples.entries
        var mutations: [Mutation] = [.insertInvocation(serial, Samples.record(42))]
        for index in entries.indices.reversed() { mutations.append(.insertEntry(serial, index, entries[index])) }
        let loaded = try loadAfterReopening(mutations, [.invocation(serial)])
        let expected = LoadedInvocation(serial: serial, record: Samples.record(42), journal: entries)
        #expect(loaded == [.invocation(expected)])
    }

    @Test func updatesReplaceProgressAndKeepTheRest() throws {
        let store = try directory.open()
        let record = Samples.fullRecord
        let entry = JournalEntry(.run(name: "charge", policy: .runDefault), detail: .run(RunProgress()))
        try store.commit(batch([.insertInvocation(serial, record), .insertEntry(serial, 0, entry)]))
        let progress = Progress(status: .running)
        var finished = entry
        finished.completion = .outcome(.success([1]))
        finished.detail = .none
        try store.commit(batch([.updateInvocation(serial, progress), .updateEntry(serial, 0, finished)]))
        try store.close()
        let updated = InvocationRecord(acceptance: record.acceptance, progress: progress)
        let expected = LoadedInvocation(serial: serial, record: updated, journal: [finished])
        #expect(try directory.open().load([.invocation(serial)]) == [.invocation(expected)])
    }

    @Test func completedInvocationsLoadWithoutTheirJournal() throws {
        let mutations: [Mutation] = [
            .insertInvocation(serial, Samples.record(42, .completed)), .insertEntry(serial, 0, JournalEntry(.now)),
        ]
        let loaded = try loadAfterReopening(mutations, [.invocation(serial)])
        let expected = LoadedInvocation(serial: serial, record: Samples.record(42, .completed), journal: [])
        #expect(loaded == [.invocation(expected)])
    }

    @Test func stateTimersAndMetaReadBack() throws {
        let object = ObjectID(service: "Counter", key: "a")
        let store = try directory.open()
        try store.commit(
            batch([
                .putState(object, name: "b", value: [1]), .putState(object, name: "", value: []),
                .putState(ObjectID(service: "Counter", key: "ab"), name: "c", value: [3]),
                .putState(ObjectID(service: "Count", key: "era"), name: "c", value: [3]),
                .putTimer(TimerID(serial: serial, slot: .start), dueMs: .max),
                .putTimer(TimerID(serial: serial, slot: .retry), dueMs: 2),
                .putTimer(TimerID(serial: serial, slot: .entry(0)), dueMs: 3),
                .putTimer(TimerID(serial: serial, slot: .entry(9)), dueMs: 4), .putMeta(.clockMs, .min),
                .putMeta(.isOpen, 1),
            ]))
        try store.commit(
            batch([
                .putState(object, name: "b", value: [2]), .deleteTimer(TimerID(serial: serial, slot: .entry(9))),
                .putTimer(TimerID(serial: serial, slot: .retry), dueMs: 5), .putMeta(.isOpen, 0),
            ]))
        try store.close()
        let reopened = try directory.open()
        #expect(
            try reopened.load([.object(object), .object(ObjectID(service: "Counter", key: "none"))]) == [
                .object(
                    LoadedObject(values: [StateValue(name: "", value: []), StateValue(name: "b", value: [2])])),
                .object(LoadedObject()),
            ])
        let state = try reopened.recover()
        #expect(state.meta == [.clockMs: .min, .isOpen: 0])
        #expect(
            state.timers == [
                RecoveredTimer(id: TimerID(serial: serial, slot: .start), dueMs: .max),
                RecoveredTimer(id: TimerID(serial: serial, slot: .retry), dueMs: 5),
                RecoveredTimer(id: TimerID(serial: serial, slot: .entry(0)), dueMs: 3),
            ])
    }

    @Test func aCommitSurvivesACrash() throws {
        let store = try directory.open()
        try store.commit(batch([.insertInvocation(serial, Samples.fullRecord)]))
        try store.checkpoint()
        try store.commit(batch([.putMeta(.clockMs, 7)]))
        let crashed = try directory.copyOfFiles().open()
        #expect(try crashed.recover().meta == [.clockMs: 7])
        let expected = LoadedInvocation(serial: serial, record: Samples.fullRecord, journal: [])
        #expect(try crashed.load([.invocation(serial)]) == [.invocation(expected)])
    }

    @Test func changesOfMissingRowsAreRefusedWhole() throws {
        let store = try directory.open()
        let lost = failure {
            try store.commit(batch([.putMeta(.clockMs, 1), .updateInvocation(serial, Progress(status: .paused))]))
        }
        #expect(lost?.code == .fatal)
        #expect(lost?.description == "a commit changes invocation 42, which is not stored")
        #expect(try store.recover().meta.isEmpty)
    }
}
