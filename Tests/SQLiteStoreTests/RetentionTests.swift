import DurableModel
import GRDB
import Testing

@testable import SQLiteStore

@Suite struct RetentionTests {
    let directory = TemporaryDirectory()

    private func completed(_ serial: Int64, expiresAtMs: Int64, isPromised: Bool) -> Mutation {
        var record = Samples.record(serial, .completed)
        record.acceptance.isPromised = isPromised
        record.progress.expiresAtMs = expiresAtMs
        return .insertInvocation(InvocationSerial(serial), record)
    }

    private func serials(_ values: [LoadedValue]) -> [Int64] {
        guard case .candidates(let candidates) = values.first else { return [] }
        return candidates.map(\.serial.rawValue)
    }

    @Test func expiredOnesComeInTheOrderOfTheirExpiry() throws {
        let store = try directory.open()
        try store.commit(
            batch([
                completed(1, expiresAtMs: 50, isPromised: false), completed(2, expiresAtMs: 40, isPromised: true),
                completed(3, expiresAtMs: 30, isPromised: false), completed(4, expiresAtMs: 40, isPromised: false),
                completed(5, expiresAtMs: 60, isPromised: true),
                .insertInvocation(InvocationSerial(6), Samples.record(6, .running)),
            ]))
        #expect(serials(try store.load([.expired(beforeMs: 60, limit: 10)])) == [3, 2, 4, 1])
        #expect(serials(try store.load([.expired(beforeMs: 61, limit: 2)])) == [3, 2])
        #expect(serials(try store.load([.expired(beforeMs: 30, limit: 10)])) == [])
        #expect(serials(try store.load([.oldestUnpromised(limit: 2)])) == [3, 4])
        let recovered = try store.recover()
        #expect(recovered.retainedUnpromised == 3)
        #expect(recovered.retainedPromised == 2)
        try store.commit(batch([.deleteInvocation(InvocationSerial(3))]))
        #expect(serials(try store.load([.oldestUnpromised(limit: 2)])) == [4, 1])
    }

    @Test func theyAreNamedWithWhatDecidesAboutThem() throws {
        let store = try directory.open()
        var records: [Int64: InvocationRecord] = [:]
        for serial in 1...5 as ClosedRange<Int64> {
            var record = Samples.record(serial, .completed)
            record.acceptance.isPromised = serial == 2
            record.progress.expiresAtMs = serial
            record.progress.packedJournal = serial == 3 ? nil : []
            record.progress.journalLength = serial == 3 ? 100 : serial == 4 ? 2 : 0
            record.acceptance.kind = serial == 5 ? .workflowRun : .exclusive
            records[serial] = record
        }
        let rows = records.sorted { $0.key < $1.key }
        try store.commit(batch(rows.map { .insertInvocation(InvocationSerial($0.key), $0.value) }))
        let expected = rows.map { PurgeCandidate(InvocationSerial($0.key), $0.value) }
        #expect(try store.load([.expired(beforeMs: 10, limit: 10)]) == [.candidates(expected)])
        #expect(expected.map(\.isAlone) == [true, true, false, true, false])
    }

    @Test func liveOnesAreRecoveredInTheOrderOfTheirLanes() throws {
        let store = try directory.open()
        var mutations: [Mutation] = []
        for (serial, order) in [(1, 9), (2, nil), (3, 4), (4, 4), (5, 1)] as [(Int64, Int64?)] {
            var record = Samples.record(serial, serial == 3 ? .suspended : .pending)
            record.acceptance.target = InvocationTarget(service: "Counter", key: "a key of some length", handler: "add")
            record.acceptance.kind = serial == 2 ? .shared : .exclusive
            record.progress.laneOrder = order
            mutations.append(.insertInvocation(InvocationSerial(serial), record))
        }
        mutations.append(.insertInvocation(InvocationSerial(6), Samples.record(6, .scheduled)))
        var sleeper = Samples.record(7, .suspended)
        sleeper.acceptance.kind = .shared
        mutations.append(.insertInvocation(InvocationSerial(7), sleeper))
        try store.commit(batch(mutations))
        let live = try store.recover().live
        #expect(live.map(\.serial.rawValue) == [2, 5, 3, 4, 1])
        #expect(live.map { $0.lane?.key } == [nil] + Array(repeating: "a key of some length", count: 4))
    }

    @Test func questionsOfTheHotPathUseAnIndex() throws {
        let store = try directory.open()
        let questions = [
            "status <> 'completed' AND status = 'pending'", "id = x'00'",
            "status = 'completed' AND promised = 0 AND expires_at_ms < 5 ORDER BY expires_at_ms, serial",
            "status = 'completed' AND promised = 0 ORDER BY expires_at_ms, serial",
        ]
        for question in questions {
            let plan = try store.pool.read { db in
                try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN SELECT serial FROM lasting WHERE \(question)")
            }
            let details = plan.map { String($0["detail"] ?? "") }
            #expect(details.count == 1 && details[0].contains("INDEX"), "\(question): \(details)")
        }
    }

    /// Both tables are walked from their ends, however many rows they have.
    @Test func theViewOfBothTablesIsSeenThrough() throws {
        let store = try directory.open()
        for question in ["ORDER BY serial DESC LIMIT 5", "WHERE serial = 5", "WHERE service = 'a' ORDER BY serial LIMIT 5"] {
            let plan = try store.pool.read { db in
                let sql = "EXPLAIN QUERY PLAN \(InvocationColumns.select) FROM invocation \(question)"
                return try Row.fetchAll(db, sql: sql).map { String($0["detail"] ?? "") }
            }
            #expect(plan.allSatisfy { !$0.contains("CO-ROUTINE") && !$0.contains("B-TREE") }, "\(question): \(plan)")
        }
    }

    /// The tables of those that were over when they were first written down have no index.
    @Test(arguments: [false, true]) func briefOnesAreFoundByTheirOrder(isBusy: Bool) throws {
        let store = try directory.open()
        var ids: [InvocationID] = []
        var mutations: [Mutation] = []
        for serial in 1...500 as ClosedRange<Int64> {
            let record = brief(serial * 3, acceptedAtMs: 1_760_000_000_000 + serial / 7)
            ids.append(record.acceptance.id)
            mutations.append(.insertInvocation(InvocationSerial(serial * 3), record))
        }
        for first in stride(from: 0, to: mutations.count, by: 10) {
            try store.commit(batch(Array(mutations[first..<first + 10]) + (isBusy ? Samples.manyChanges : [])))
        }
        try store.commit(batch([.deleteInvocation(InvocationSerial(3)), .deleteInvocation(InvocationSerial(900))]))
        #expect(try rows("brief", store) == (isBusy ? 0 : 498))
        #expect(try store.recover().retainedUnpromised == 498)
        for (place, id) in ids.enumerated() {
            let serial = Int64(place + 1) * 3
            let found = try store.invocation(id)?.serial
            #expect(found == (serial == 3 || serial == 900 ? nil : InvocationSerial(serial)))
        }
        let stranger = brief(7, acceptedAtMs: 1_760_000_000_020).acceptance.id
        #expect(try store.load([.invocationByID(stranger)]) == [.invocation(nil)])
    }

    /// Those who leave together are deleted together only if nobody stays between them.
    @Test(arguments: [false, true]) func neighboursLeaveTogether(isBusy: Bool) throws {
        let store = try directory.open()
        var records = (1...9 as ClosedRange<Int64>).map { brief($0, acceptedAtMs: 1_760_000_000_010) }
        records[4].acceptance.isPromised = true
        try store.commit(
            batch(
                records.enumerated().map { .insertInvocation(InvocationSerial(Int64($0) + 1), $1) }
                    + (isBusy ? Samples.manyChanges : [])))
        #expect(try rows("brief", store) == (isBusy ? 0 : 8))
        func remaining(without leaving: Int64...) throws -> [Int64] {
            try store.commit(batch(leaving.map { .deleteInvocation(InvocationSerial($0)) }))
            return try store.invocations(matching: InvocationFilter(limit: 10)).map(\.serial.rawValue).reversed()
        }
        #expect(try remaining(without: 1, 2) == [3, 4, 5, 6, 7, 8, 9])
        #expect(try remaining(without: 4, 5, 7) == [3, 6, 8, 9])
        #expect(try remaining(without: 3, 8) == [6, 9])
        #expect(try remaining(without: 6, 9, 10) == [])
    }

    /// What `brief` cannot say, or what breaks its order, is kept all the same.
    @Test(arguments: ["brief", "packed"]) func whatIsNotBriefLasts(table: String) throws {
        let store = try directory.open()
        let beside = table == "packed" ? Samples.manyChanges : []
        let first = brief(10, acceptedAtMs: 1_760_000_000_010)
        var others = (20..<29).map { brief($0, acceptedAtMs: 1_760_000_000_010) }
        others[0].acceptance.isPromised = true
        others[1].acceptance.input = Bytes(repeating: 1, count: 5000)
        others[2].acceptance.idempotencyKey = "k"
        others[3].acceptance.id = Samples.ids[2]
        others[4].progress.expiresAtMs = 1_760_000_000_009
        others[5].progress.strikes = 1
        others[6].progress.followers = [ParentLink(serial: InvocationSerial(1), entry: 2)]
        others[7].progress.status = .running
        others[8] = brief(9, acceptedAtMs: 1_760_000_000_009)
        try store.commit(batch([.insertInvocation(InvocationSerial(10), first)] + beside))
        for (place, record) in others.enumerated() {
            let serial = InvocationSerial(place == 8 ? 9 : Int64(place) + 20)
            try store.commit(batch([.insertInvocation(serial, record)] + beside))
            let loaded = LoadedInvocation(serial: serial, record: record, journal: [])
            #expect(try store.load([.invocation(serial)]) == [.invocation(loaded)])
        }
        #expect(try rows(table, store) == 1)
        var changed = first.progress
        changed.packedJournal = nil
        changed.journalLength = 0
        try store.commit(batch([.updateInvocation(InvocationSerial(10), changed)]))
        #expect(try rows(table, store) == 0)
        #expect(try store.invocation(first.acceptance.id)?.record.progress == changed)
    }

    /// The next commit begins where the last one that counts has ended.
    @Test(arguments: ["brief", "packed"]) func aCommitThatFailedLeavesTheOrderAsItWas(table: String) throws {
        let store = try directory.open()
        try store.limitPages(to: 40)
        let beside = table == "packed" ? Samples.manyChanges : []
        let large = Bytes(repeating: 1, count: 400_000)
        let object = ObjectID(service: "Counter", key: "a")
        let record = brief(5, acceptedAtMs: 1_760_000_000_010)
        let refused = batch(
            [.insertInvocation(InvocationSerial(5), record), .putState(object, name: "large", value: large)] + beside)
        #expect(failure { try store.commit(refused) }?.code == .full)
        try store.limitPages(to: nil)
        try store.commit(refused)
        #expect(try rows(table, store) == 1)
        #expect(try store.invocations(matching: InvocationFilter(limit: 10)).map(\.serial.rawValue) == [5])
    }

    /// Whoever looks for a small one would have to read it.
    @Test func aLargeResultIsNotPacked() throws {
        let store = try directory.open()
        var records = (1...3 as ClosedRange<Int64>).map { brief($0, acceptedAtMs: 1_760_000_000_010) }
        records[1].progress.outcome = .success(Bytes(repeating: 7, count: 100_000))
        let mutations = records.enumerated().map { Mutation.insertInvocation(InvocationSerial(Int64($0) + 1), $1) }
        try store.commit(batch(mutations + Samples.manyChanges))
        #expect(try rows("packed", store) == 1 && rows("brief", store) == 1)
        for (place, record) in records.enumerated() {
            let serial = InvocationSerial(Int64(place) + 1)
            let loaded = LoadedInvocation(serial: serial, record: record, journal: [])
            #expect(try store.load([.invocation(serial)]) == [.invocation(loaded)])
        }
        #expect(serials(try store.load([.oldestUnpromised(limit: 5)])) == [1, 2, 3])
    }

    /// One after the other, one of them rewritten, one more than once: what stays is what nobody deleted.
    @Test func packsShrink() throws {
        let store = try directory.open()
        for commit in 0..<10 as Range<Int64> {
            let serials = (commit * 30 + 1)...(commit * 30 + 30)
            let mutations = serials.map { serial in
                Mutation.insertInvocation(
                    InvocationSerial(serial), brief(serial, acceptedAtMs: 1_760_000_000_000 + commit))
            }
            try store.commit(batch(mutations))
        }
        try store.commit(batch([.putMeta(.serialCeiling, 301), .putMeta(.clockMs, 1_760_000_000_100)]))
        #expect(try rows("brief", store) == 0)
        let packs = try #require(try rows("packed", store))
        #expect(packs < 30)
        let first = try store.load([.oldestUnpromised(limit: 95)])
        #expect(serials(first) == Array(1...95))
        try store.commit(batch(serials(first).map { .deleteInvocation(InvocationSerial($0)) }))
        try store.commit(batch([.deleteInvocation(InvocationSerial(120)), .deleteInvocation(InvocationSerial(97))]))
        #expect(try rows("packed", store) == packs - packs / 10 * 3)
        let expected = Array(96...300).filter { $0 != 97 && $0 != 120 }.map(Int64.init)
        #expect(serials(try store.load([.oldestUnpromised(limit: 1000)])) == expected)
        #expect(serials(try store.load([.expired(beforeMs: 1_760_000_000_007, limit: 1000)])) == expected.filter { $0 <= 150 })
        let listed = try store.invocations(matching: InvocationFilter(service: "Counter", limit: 1000))
        #expect(listed.map(\.serial.rawValue) == expected.reversed())
        try store.close()
        let problems = try directory.problems()
        #expect(problems == [])
        #expect(try directory.open().recover().retainedUnpromised == expected.count)
    }

    private func brief(_ serial: Int64, acceptedAtMs: Int64) -> InvocationRecord {
        let target = InvocationTarget(service: "Counter", key: "a", handler: "add")
        let entropy = Entropy(UInt64(serial), 2, 3)
        let acceptance = Acceptance(
            id: .fresh(target: target, nowMs: acceptedAtMs, entropy: entropy), target: target, kind: .exclusive,
            input: [1], createdAtMs: acceptedAtMs, seed: 3)
        var progress = Progress(status: .completed)
        progress.outcome = .success([2])
        progress.completedAtMs = acceptedAtMs + 1
        progress.expiresAtMs = acceptedAtMs + 2
        progress.packedJournal = []
        return InvocationRecord(acceptance: acceptance, progress: progress)
    }

    private func rows(_ table: String, _ store: SQLiteStore) throws -> Int? {
        try store.pool.read { db in try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM \(table)") }
    }
}
