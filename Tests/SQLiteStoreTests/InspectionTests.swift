import DurableModel
import GRDB
import Testing

@testable import SQLiteStore

@Suite struct InspectionTests {
    let directory = TemporaryDirectory()
    private let serial = InvocationSerial(42)

    @Test func anInvocationIsShownWithItsJournal() throws {
        let store = try directory.open()
        var record = Samples.fullRecord
        record.progress.packedJournal = nil
        let entries = [JournalEntry(.now, completion: .time(1)), JournalEntry(.awakeable, detail: .signal(17))]
        try store.commit(
            batch([.insertInvocation(serial, record)] + entries.indices.map { .insertEntry(serial, $0, entries[$0]) }))
        #expect(
            try store.invocation(record.acceptance.id)
                == StoredInvocation(serial: serial, record: record, journal: entries))
        #expect(try store.invocation(Samples.ids[0]) == nil)
    }

    @Test func aPackedJournalIsShownToo() throws {
        let store = try directory.open()
        let record = Samples.fullRecord
        try store.commit(batch([.insertInvocation(serial, record)]))
        #expect(try store.invocation(record.acceptance.id)?.journal == Samples.entries)
    }

    @Test func listingsComeNewestFirstWithoutLargeValues() throws {
        let store = try directory.open()
        var record = Samples.fullRecord
        record.progress.outcome = .success([1, 2, 3])
        try store.commit(
            batch([
                .insertInvocation(serial, record), .insertInvocation(InvocationSerial(43), Samples.record(43, .paused)),
            ]))
        let listed = try store.invocations(matching: InvocationFilter())
        #expect(listed.map(\.serial.rawValue) == [43, 42])
        #expect(listed[1].record.acceptance.input.isEmpty)
        #expect(listed[1].record.progress.packedJournal == nil)
        #expect(listed[1].record.progress.outcome == .success([]))
        #expect(listed[1].record.acceptance.headers == record.acceptance.headers)
        #expect(try store.invocations(matching: InvocationFilter(status: .paused)).map(\.serial.rawValue) == [43])
        #expect(try store.invocations(matching: InvocationFilter(limit: 1)).map(\.serial.rawValue) == [43])
    }

    @Test func anInspectionThatTakesTooLongIsEnded() throws {
        let store = try directory.open { $0.inspectionTimeoutMs = 0 }
        try store.commit(
            batch((1...2000).map { .insertInvocation(InvocationSerial($0), Samples.record($0, .completed)) }))
        let refusal = failure { _ = try store.invocations(matching: InvocationFilter(service: "None")) }
        #expect(refusal?.code == .busy)
        #expect(refusal?.description == "an inspection was ended because it took too long: ask for less")
        // The connection is as good as before.
        #expect(try store.invocation(Samples.acceptance(7).id)?.serial == InvocationSerial(7))
        let first = PurgeCandidate(InvocationSerial(1), Samples.record(1, .completed))
        #expect(try store.load([.oldestUnpromised(limit: 1)]) == [.candidates([first])])
        #expect(try store.recover().retainedUnpromised == 2000)
    }

    /// Each of these is damage that a start must survive and that must pause one invocation.
    @Test(arguments: [
        ("UPDATE lasting SET status = 'lost'", "the status 'lost' is unknown"),
        ("UPDATE lasting SET kind = 'lost'", "the handler kind 'lost' is unknown"),
        ("UPDATE lasting SET outcome = 'lost'", "the outcome 'lost' is unknown"),
        ("UPDATE lasting SET id = x'0102'", "an invocation id has 24 bytes, not 2"),
        ("UPDATE lasting SET headers = x'07'", "the headers: the value has format 7, this version reads format 1"),
        (
            "UPDATE lasting SET packed_journal = x'0101'",
            "the packed journal: a length of 1 is given at byte 2, where 0 bytes are left"
        ),
        ("UPDATE journal SET command = x'0163' WHERE idx = 1", "journal entry 1: the command tag 99 is unknown"),
        ("UPDATE journal SET completion = x'' WHERE idx = 0", "journal entry 0: the value ends after 0 bytes"),
        ("DELETE FROM journal WHERE idx = 0", "journal entry 0 is missing"),
        ("DELETE FROM large_input", "the input is missing"),
    ])
    func aDamagedInvocationIsNamed(damage: String, reason: String) throws {
        let store = try directory.open()
        var record = Samples.record(42, .suspended)
        record.acceptance.input = Bytes(repeating: 1, count: 5000)
        try store.commit(
            batch([
                .insertInvocation(serial, record), .insertEntry(serial, 0, JournalEntry(.now)),
                .insertEntry(serial, 1, JournalEntry(.awakeable)),
            ]))
        try store.close()
        let other = try directory.otherConnection()
        try other.write { db in try db.execute(sql: damage) }
        try other.close()
        let reopened = try directory.open()
        _ = try reopened.recover()
        #expect(try reopened.load([.invocation(serial)]) == [.undecodable(serial, reason: reason)])
        #expect(try reopened.invocations(matching: InvocationFilter()).map(\.serial) == [serial])
        try reopened.commit(batch([.updateInvocation(serial, Progress(status: .paused))]))
        #expect(try reopened.invocations(matching: InvocationFilter(status: .paused)).count == 1)
    }
}
