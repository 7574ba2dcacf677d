import DurableModel
import Foundation
import GRDB
import Testing

@testable import SQLiteStore

@Suite struct FailedCommitTests {
    let directory = TemporaryDirectory()

    private func bigBatch() -> Batch {
        let object = ObjectID(service: "Big", key: "a")
        return batch(
            [.putMeta(.clockMs, 77), .insertInvocation(InvocationSerial(1), Samples.record(1))]
                + (0..<40).map { .putState(object, name: "part \($0)", value: Bytes(repeating: 1, count: 50_000)) })
    }

    @Test func aFullDiskLosesNothingAndTheSameBatchSucceedsLater() throws {
        let store = try directory.open()
        try store.commit(batch([.putMeta(.clockMs, 1)]))
        try store.limitPages(to: 60)
        let object = LoadKey.object(ObjectID(service: "Big", key: "a"))
        for attempt in 1...3 {
            #expect(failure { try store.commit(bigBatch()) }?.code == .full)
            #expect(try store.recover().meta[.clockMs] == Int64(attempt))
            #expect(try store.load([.invocation(InvocationSerial(1)), object]) == [.invocation(nil), .object(LoadedObject())])
            // What fits still passes: the connection is usable.
            try store.commit(batch([.putMeta(.clockMs, Int64(attempt + 1))]))
        }
        try store.limitPages(to: nil)
        try store.commit(bigBatch())
        #expect(try store.recover().meta == [.clockMs: 77])
        guard case .object(let loaded) = try store.load([object])[0] else { throw StoreError(.fatal, "no object") }
        #expect(loaded.values.count == 40)
    }

    /// SQLite takes back the row alone, and not the transaction, as it does by itself when the disk is full.
    @Test func aRowThatIsThereAlreadyLeavesNothingOfItsCommit() throws {
        let store = try directory.open()
        let serial = InvocationSerial(1)
        let entry = JournalEntry(.now, completion: .time(1))
        try store.commit(
            batch([.putMeta(.clockMs, 1), .insertInvocation(serial, Samples.record(1)), .insertEntry(serial, 0, entry)]))
        #expect(failure { try store.commit(batch([.putMeta(.clockMs, 2), .insertEntry(serial, 0, entry)])) } != nil)
        #expect(try store.recover().meta == [.clockMs: 1])
        try store.commit(batch([.putMeta(.clockMs, 3), .insertEntry(serial, 1, entry)]))
        #expect(try store.recover().meta == [.clockMs: 3])
    }

    @Test func aFullDiskIsGivenTheBallast() throws {
        let store = try directory.open { $0.ballastBytes = 1 << 20 }
        let ballast = directory.path + "/ballast"
        #expect(DataDirectory.size(of: ballast) == 1 << 20)
        var status = stat()
        #expect(stat(ballast, &status) == 0 && status.st_blocks * 512 >= 1 << 20)
        try store.limitPages(to: 60)
        #expect(failure { try store.commit(bigBatch()) }?.code == .full)
        #expect(!FileManager.default.fileExists(atPath: ballast))
        #expect(!store.hasReserve)
        try store.checkpoint()
        #expect(DataDirectory.size(of: ballast) == 1 << 20)
        #expect(store.hasReserve)
    }

    @Test func aLockedDatabaseIsBusyUntilItIsFree() throws {
        let store = try directory.open { $0.busyTimeoutMs = 1 }
        let other = try directory.otherConnection()
        try other.inDatabase { db in
            try db.execute(sql: "BEGIN IMMEDIATE")
            for _ in 0..<3 {
                #expect(failure { try store.commit(batch([.putMeta(.clockMs, 1)])) }?.code == .busy)
            }
            #expect(try store.recover().meta.isEmpty)
            try store.checkpoint()
            try db.execute(sql: "ROLLBACK")
        }
        try store.commit(batch([.putMeta(.clockMs, 1)]))
        #expect(try store.recover().meta == [.clockMs: 1])
    }

    @Test func aDamagedFileIsFatal() throws {
        let store = try directory.open()
        for serial in 1...200 {
            try store.commit(batch([.insertInvocation(InvocationSerial(Int64(serial)), Samples.fullRecord(serial))]))
        }
        try store.close()
        var bytes = try Data(contentsOf: URL(fileURLWithPath: directory.database))
        for place in 4096 * 8..<bytes.count { bytes[place] = 0xa5 }
        try bytes.write(to: URL(fileURLWithPath: directory.database))
        // Whoever first reads a damaged page finds it: the opening, or a commit.
        let fresh = batch([.insertInvocation(InvocationSerial(900), Samples.record(900))])
        let damage = failure { try directory.open().commit(fresh) }
        #expect(damage?.code == .fatal)
        #expect(damage?.description.contains("damaged") == true)
    }
}

extension Samples {
    fileprivate static func fullRecord(_ serial: Int) -> InvocationRecord {
        var record = record(Int64(serial), .completed)
        record.acceptance.input = Bytes(repeating: 4, count: 900)
        return record
    }
}
