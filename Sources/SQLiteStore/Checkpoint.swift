package import DurableModel
import GRDB
import GRDBSQLite

extension SQLiteStore {
    /// Carries the log into the database, brings `state` up to date once the server has calmed down, gives freed pages
    /// back to the file system in slices and restores the ballast.
    /// Call it from one thread, never the committer's. Commits go on meanwhile; they wait only for the rest of a log
    /// that has grown past `walRestartBytes`, and for one slice of freed pages. After a thrown `.full` or `.busy` call
    /// it again later.
    package func checkpoint() throws(StoreError) {
        let seen = commits.load(ordering: .relaxed)
        let isIdle = commitsAtLastCheckpoint.exchange(seen, ordering: .relaxed) == seen
        do {
            let pending = try carryOver()
            if isIdle, sizes().walBytes > options.idleWalBytesMax {
                try cutLog()
            } else if Int64(pending.logPages) * Self.pageBytes >= options.walRestartBytes {
                try restartLog()
            }
            // Behind the log: where the disk is full, only what is carried over makes room.
            if recentState.hasCalmedDown() { try tidyUp { try $1.settleState() } }
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

    /// Beside commits. The open read keeps what is committed meanwhile from being carried over, because the mark does
    /// not name it, and keeps the log from beginning anew before the mark says that this is done.
    private func carryOver() throws -> (logPages: CInt, copiedPages: CInt) {
        let before = try? LogHeader(of: database).generation
        return try pool.read { db in
            let commit = try CommitNumber.read(db)
            // A log that began anew just now has little to carry: the next time is soon enough.
            guard let generation = try? LogHeader(of: database).generation, generation == before else { return (0, 0) }
            try checkpointMark.begin(commit, of: generation)
            let pages = try checkpointer.writeWithoutTransaction { db in
                try Self.runCheckpoint(db, SQLITE_CHECKPOINT_PASSIVE)
            }
            if pages.logPages == pages.copiedPages { try checkpointMark.complete(commit, isDurable: false) }
            return pages
        }
    }

    /// In the writer's turn, so that no commit meets the lock that a restart of the log needs.
    func restartLog() throws {
        try pool.writeWithoutTransaction { db in
            guard let generation = try? LogHeader(of: database).generation else { return }
            try checkpointMark.begin(lastCommit, of: generation)
            let pages = try Self.runCheckpoint(db, SQLITE_CHECKPOINT_RESTART)
            if pages.logPages == pages.copiedPages { try checkpointMark.complete(lastCommit, isDurable: false) }
        }
    }

    private func cutLog() throws {
        try pool.writeWithoutTransaction { db in
            guard try carryAllOver(db) else { return }
            _ = try Self.runCheckpoint(db, SQLITE_CHECKPOINT_TRUNCATE)
        }
    }

    /// In the writer's turn. True when nobody needs the log any more, and that is durable: it can be removed.
    func carryAllOver(_ db: Database) throws -> Bool {
        guard let generation = try? LogHeader(of: database).generation else { return true }
        try checkpointMark.begin(lastCommit, of: generation)
        let pages = try Self.runCheckpoint(db, SQLITE_CHECKPOINT_FULL)
        guard pages.logPages == pages.copiedPages else { return false }
        try checkpointMark.complete(lastCommit, isDurable: true)
        return true
    }

    private var database: String { directory.file(Schema.databaseName) }

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
            try tidyUp { db, _ in try db.execute(sql: "PRAGMA incremental_vacuum(\(slice))") }
        }
    }

    /// In a transaction that is no work of others: the log may still be called idle.
    private func tidyUp(_ write: (Database, BatchWriter) throws -> Void) throws {
        try pool.writeWithoutTransaction { db in try transaction { try write(db, $0) } }
        commitsAtLastCheckpoint.add(1, ordering: .relaxed)
    }
}
