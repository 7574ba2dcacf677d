import DurableModel
import GRDB
import Testing

@testable import SQLiteStore

@Suite struct ModelTests {
    /// Random batches through disk and through plain dictionaries: all answers are the same, at every point.
    @Test(arguments: UInt64(1)...300) func theStoreIsItsModel(seed: UInt64) throws {
        let directory = TemporaryDirectory(isInMemory: true)
        var store = try directory.open()
        var work = RandomWork(seed: seed)
        for _ in 0..<12 {
            try store.commit(work.nextBatch())
            if work.dice.chance(15) { try store.checkpoint() }
            if work.dice.chance(10) {
                try store.close()
                store = try directory.open()
            }
            let keys = work.nextKeys()
            #expect(try store.load(keys) == keys.map(work.model.load))
            let filter = work.nextFilter()
            #expect(try store.invocations(matching: filter) == work.model.listed(filter))
        }
        #expect(try store.recover() == work.model.recovered())
        let crashed = try directory.copyOfFiles().open()
        #expect(try crashed.recover() == work.model.recovered())
        for serial in work.model.invocations.keys {
            #expect(try crashed.load([.invocation(serial)]) == [work.model.load(.invocation(serial))])
        }
    }

    /// The comparison above proves nothing about what never occurs in it.
    @Test func theWorkFillsEveryTable() throws {
        let directory = TemporaryDirectory(isInMemory: true)
        let store = try directory.open()
        var work = RandomWork(seed: 1)
        var hadRecentState = 0
        for _ in 0..<120 {
            try store.commit(work.nextBatch())
            hadRecentState += store.recentState.isEmpty ? 0 : 1
            if work.dice.chance(40) { try store.checkpoint() }
        }
        #expect(hadRecentState > 10 && hadRecentState < 110, "\(hadRecentState)")
        try store.close()
        let other = try directory.otherConnection()
        let count = { (table: String) in
            let sql = "SELECT COUNT(*) FROM \(table)"
            return try other.read { db in try Int.fetchOne(db, sql: sql) ?? 0 }
        }
        let (brief, packed) = (try count("brief"), try count("packed"))
        let lasting = try count("lasting WHERE kind = 'exclusive' AND id > x'0199'")
        #expect(brief > 5 && packed > 10 && lasting > 10, "\(brief), \(packed) and \(lasting)")
    }

    @Test func theWorkHasEveryKindOfMutation() {
        var kinds: Set<String> = []
        for seed in UInt64(1)...50 {
            var work = RandomWork(seed: seed)
            for _ in 0..<12 {
                for mutation in work.nextBatch().changes {
                    kinds.insert(String("\(mutation)".prefix { $0 != "(" }))
                }
            }
        }
        #expect(
            kinds == [
                "insertInvocation", "updateInvocation", "deleteInvocation", "insertEntry", "updateEntry", "deleteEntry",
                "putState", "deleteState", "putPromise", "deletePromise",
                "putTimer", "deleteTimer", "putMeta",
            ])
    }
}
