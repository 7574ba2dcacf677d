package import DurableModel
import GRDB
import Synchronization

/// The store of the server: one SQLite database in write-ahead mode, one writing connection, a few that read.
///
/// A commit is synced when `commit` returns. The log it appends to is carried into the database by `checkpoint()`,
/// which its owner must call from a thread of its own, several times a second: without it the log grows without bound.
package final class SQLiteStore: DurableStore {
    let directory: DataDirectory
    let options: StoreOptions
    let pool: DatabasePool
    /// Copies the log into the database beside commits, which a checkpoint on the writer would hold up.
    let checkpointer: DatabaseQueue
    /// One inspection at a time: people who look around never keep a load of the engine waiting for a reader.
    let inspector: DatabaseQueue
    let ballast: Ballast
    /// The number of the last transaction, which only the writing connection's accesses change.
    let commits = Atomic<Int64>(0)
    let commitsAtLastCheckpoint = Atomic<Int64>(0)
    let checkpointMark: CheckpointMark
    /// The number of the last commit that was found at the opening: what was there is all commits up to it.
    package let recoveredCommit: Int64
    private let writer: ConfinedWriter
    let recentState = RecentState()
    /// Empty unless services have tables.
    let steps = ConfinedSteps()

    /// Opens or creates the store of that directory. Throws `.owned`, `.newerSchema`, `.unusable`, `.busy` while
    /// another program locks the database, or `.fatal` when it is damaged.
    package init(directory path: String, options: StoreOptions = StoreOptions()) throws(StoreError) {
        directory = try DataDirectory(path)
        self.options = options
        ballast = Ballast(path: directory.file("ballast"), byteCount: options.ballastBytes)
        let databasePath = directory.file(Schema.databaseName)
        ballast.dropIfScarce()
        try LogCheck.requireWholeLog(of: directory)
        checkpointMark = try CheckpointMark(in: directory)
        do {
            pool = try Connections.openPool(databasePath, options)
            checkpointer = try Connections.openCheckpointer(databasePath)
            inspector = try Connections.openInspector(databasePath)
            writer = try pool.writeWithoutTransaction { [recentState] db in
                ConfinedWriter(try BatchWriter(db, recentState))
            }
            recoveredCommit = try pool.read(CommitNumber.read)
            commits.store(recoveredCommit, ordering: .relaxed)
            try numberTheOpening()
        } catch {
            throw StoreError(error, while: "opening \(databasePath)")
        }
        try DataDirectory.sync(path)
        ballast.restore()
    }

    deinit { try? close() }

    /// Ends all connections, the last of which carries the log into the database, and lets another server in. No other
    /// call may follow.
    package func close() throws(StoreError) {
        do {
            // A connection closes only when its statements are gone.
            pool.writeWithoutTransaction { db in
                guard writer.statements != nil else { return }
                // For people who read the files; the next start would do it too.
                if !recentState.isEmpty { try? transaction { try $0.settleState() } }
                writer.statements = nil
                steps.connection = nil
                // The last connection to close removes the log. If this fails that one may succeed all the same.
                _ = try? carryAllOver(db)
            }
            try inspector.close()
            try pool.close()
            // Last: the pool's readers close after its writer, and connections that only read carry nothing over.
            try checkpointer.close()
        } catch {
            throw StoreError(error, while: "closing the store")
        }
        directory.release()
    }

    /// What the opening itself has written, a migration perhaps, or state that was left for later, has a number too. A
    /// full disk is no reason not to start: the server says so, and waits for room.
    private func numberTheOpening() throws {
        do {
            try pool.writeWithoutTransaction { _ in try transaction { try $0.settleState() } }
        } catch let error as DatabaseError where error.resultCode == .SQLITE_FULL {
            ballast.drop()
        }
    }

    package func commit(_ batch: Batch) throws(StoreError) {
        guard !batch.isEmpty else { return }
        do {
            try pool.writeWithoutTransaction { _ in try transaction { try $0.write(batch) } }
        } catch {
            let failure = StoreError(error, while: "a commit")
            if failure.code == .full { ballast.drop() }
            throw failure
        }
    }

    /// Everything that writes does it here, in an access of the writing connection: each transaction has a number.
    func transaction(_ write: (BatchWriter) throws -> Void) throws {
        guard let statements = writer.statements else { throw StoreError(.fatal, "the store is closed") }
        let number = commits.load(ordering: .relaxed) + 1
        do {
            try statements.transaction.run {
                try write(statements)
                try statements.write(commitNumber: number)
            }
        } catch {
            statements.rolledBack()
            throw error
        }
        statements.committed()
        commits.store(number, ordering: .relaxed)
    }

    /// The number of the last commit. Each writes its own in the same transaction, so it says which prefix of all
    /// that was ever committed is there.
    package var lastCommit: Int64 { commits.load(ordering: .relaxed) }

    package func sizes() -> StoreSizes {
        let databasePath = directory.file(Schema.databaseName)
        return StoreSizes(
            databaseBytes: DataDirectory.size(of: databasePath),
            walBytes: DataDirectory.size(of: databasePath + "-wal"))
    }

    /// False from the moment that the disk was full until there is ample room again. New work that is accepted in
    /// between eats what retention needs.
    package var hasReserve: Bool { ballast.isWhole }

    /// Bounds the size of the database from now on, nil lifts the bound: a full disk for tests.
    package func limitPages(to pageCountMax: Int?) throws(StoreError) {
        do {
            try pool.writeWithoutTransaction { db in
                try Connections.limitPages(to: pageCountMax, db)
                try steps.connection?.limitPages(to: pageCountMax)
            }
        } catch {
            throw StoreError(error, while: "limiting the database's size")
        }
    }
}

/// @unchecked: `statements` is touched only inside accesses of the pool's writer, which run one at a time.
private final class ConfinedWriter: @unchecked Sendable {
    var statements: BatchWriter?

    init(_ statements: BatchWriter) { self.statements = statements }
}
