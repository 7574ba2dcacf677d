import DurableModel
import Foundation
import GRDB
import Testing

@testable import SQLiteStore

@Suite struct OpeningTests {
    let directory = TemporaryDirectory()

    private func mode(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }

    @Test func createsAPrivateDirectoryWithItsParents() throws {
        let store = try SQLiteStore(directory: directory.path + "/a/b/")
        #expect(try mode(directory.path + "/a/b") == 0o700)
        #expect(try mode(directory.path + "/a") == 0o700)
        #expect(store.sizes().databaseBytes > 0)
        #expect(try store.recover() == RecoveredState())
    }

    @Test func closesAnOpenDirectoryToOthers() throws {
        try FileManager.default.createDirectory(
            atPath: directory.path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
        let store = try directory.open()
        #expect(try mode(directory.path) == 0o700)
        try store.close()
    }

    @Test func refusesAFileInPlaceOfTheDirectory() throws {
        try Data().write(to: URL(fileURLWithPath: directory.path))
        let refusal = failure { _ = try directory.open() }
        #expect(refusal == StoreError(.unusable, "\(directory.path) is not a directory"))
    }

    @Test func refusesASecondOwner() throws {
        let store = try directory.open()
        let refusal = failure { _ = try directory.open() }
        let process = ProcessInfo.processInfo.processIdentifier
        #expect(
            refusal
                == StoreError(
                    .owned, "the data directory \(directory.path) is in use by another server (process \(process))"))
        try store.close()
        #expect(failure { try directory.open().close() } == nil)
    }

    @Test func aFailedOpeningReleasesTheDirectory() throws {
        #expect(failure { _ = try directory.open { $0.writerPragmas = [] } } != nil)
        #expect(failure { try directory.open().close() } == nil)
    }

    @Test func refusesToStartWhenCommitsAreNotSynced() {
        let refusal = failure { _ = try directory.open { $0.writerPragmas.removeFirst() } }
        #expect(refusal?.code == .unusable)
        #expect(refusal?.description.contains("synchronous is 1 instead of 2") == true)
    }

    @Test func refusesToStartWithoutWriteAheadLog() {
        let refusal = failure { _ = try directory.open { $0.writerPragmas.append("PRAGMA journal_mode = DELETE") } }
        #expect(refusal?.code == .unusable)
        #expect(refusal?.description.contains("journal_mode is delete instead of wal") == true)
    }

    @Test func theWriterIsSetAsMeant() throws {
        let store = try directory.open()
        let pragmas = ["synchronous", "wal_autocheckpoint", "auto_vacuum"]
        let values = try store.pool.writeWithoutTransaction { db in
            try pragmas.map { try Int.fetchOne(db, sql: "PRAGMA \($0)") }
        }
        #expect(values == [2, 0, 2])
    }

    @Test func refusesANewerSchema() throws {
        try directory.open().close()
        let other = try directory.otherConnection()
        try other.write { db in
            try db.execute(sql: "INSERT INTO grdb_migrations VALUES ('9: something of the future')")
        }
        try other.close()
        let refusal = failure { _ = try directory.open() }
        #expect(
            refusal
                == StoreError(
                    .newerSchema, "\(directory.database) was written by a newer version: this one cannot read it"))
    }

    @Test func anEmptyFileBecomesAStore() throws {
        try FileManager.default.createDirectory(atPath: directory.path, withIntermediateDirectories: true)
        try Data().write(to: URL(fileURLWithPath: directory.database))
        let store = try directory.open()
        try store.commit(batch([.putMeta(.clockMs, 1)]))
        #expect(try store.recover().meta == [.clockMs: 1])
    }

    @Test func aFileThatIsNoDatabaseIsRefused() throws {
        try FileManager.default.createDirectory(atPath: directory.path, withIntermediateDirectories: true)
        try Data(repeating: 65, count: 8192).write(to: URL(fileURLWithPath: directory.database))
        #expect(failure { _ = try directory.open() }?.code == .fatal)
    }

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/sqlite3")))
    func theShellReadsWhileTheStoreIsOpen() throws {
        let store = try directory.open()
        var record = Samples.record(1, .backingOff)
        record.progress.lastFailure = "gateway down"
        let charge = JournalEntry(.run(name: "charge", policy: nil))
        try store.commit(
            batch([.insertInvocation(InvocationSerial(1), record), .insertEntry(InvocationSerial(1), 0, charge)]))
        let sql = "SELECT status, last_failure, j.kind, j.name FROM invocation JOIN journal AS j USING (serial)"
        #expect(try run("/usr/bin/sqlite3", [directory.database, sql]) == "backingOff|gateway down|run|charge\n")
        try store.commit(batch([.putMeta(.clockMs, 1)]))
    }

    @Test func refusesWorkAfterItWasClosed() throws {
        let store = try directory.open()
        try store.close()
        #expect(failure { try store.commit(batch([.putMeta(.clockMs, 1)])) }?.code == .fatal)
        #expect(failure { _ = try store.load([.oldestUnpromised(limit: 1)]) }?.code == .fatal)
        #expect(failure { try store.close() } == nil)
    }
}
