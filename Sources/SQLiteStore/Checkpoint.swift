package import DurableModel
import GRDB
import GRDBSQLite

extension SQLiteStore {
    /// Carries the log into the database, gives freed pages back to the file system in slices and restores the ballast.
    /// Call it from one thread, never the committer's. Commits go on meanwhile; they wait only for the rest of a log
    /// that has grown past `walRestartBytes`, and for one slice of freed pages. After a thrown `.full` or `.busy` call
    /// it again later.
    package func checkpoint() throws(StoreError) {
        let seen = commits.load(ordering: .relaxed)
        let isIdle = commitsAtLastCheckpoint.exchange(seen, ordering: .relaxed) == seen
        do {
            let pending = try checkpointer.writeWithoutTransaction { db in
                try Self.runCheckpoint(db, SQLITE_CHECKPOINT_PASSIVE)
            }
            if isIdle, sizes().walBytes > options.idleWalBytesMax {
                try onWriter(SQLITE_CHECKPOINT_TRUNCATE)
            } else if Int64(pending.logPages) * Self.pageBytes >= options.walRestartBytes {
                try onWriter(SQLITE_CHECKPOINT_RESTART)
            }
            try freePages(isIdle: isIdle)
        } catch {
            let failure = StoreError(error, while: "a checkpoint")
            if failure.code == .full { ballast.drop() }
            throw failure
        }
        ballast.restore()
    }

    private static let pageBytes: Int64 = 4096
    /// Pages that stay in the file for what is written next.
    private static let freePagesKept = 2048
    private static let freePagesPerSlice = 256

    /// In the writer's turn, so that no commit meets the lock that a restart of the log needs.
    private func onWriter(_ mode: CInt) throws {
        _ = try pool.writeWithoutTransaction { db in try Self.runCheckpoint(db, mode) }
    }

    /// A reader or another program in the way is no failure: the next call finds them gone.
    private static func runCheckpoint(_ db: Database, _ mode: CInt) throws -> (logPages: CInt, copiedPages: CInt) {
        var logPages: CInt = 0
        var copiedPages: CInt = 0
        let code = sqlite3_wal_checkpoint_v2(db.sqliteConnection, nil, mode, &logPages, &copiedPages)
        guard code == SQLITE_OK || code & 0xff == SQLITE_BUSY else {
            throw DatabaseError(resultCode: ResultCode(rawValue: code), message: db.lastErrorMessage)
        }
        return (logPages, copiedPages)
    }

    private func freePages(isIdle: Bool) throws {
        for _ in 0..<(isIdle ? 16 : 1) {
            let free = try checkpointer.read { db in try Int.fetchOne(db, sql: "PRAGMA freelist_count") ?? 0 }
            guard free > Self.freePagesKept else { return }
            let slice = min(Self.freePagesPerSlice, free - Self.freePagesKept)
            try pool.writeWithoutTransaction { db in try db.execute(sql: "PRAGMA incremental_vacuum(\(slice))") }
        }
    }
}
