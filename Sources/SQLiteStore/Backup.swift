package import DurableModel
import GRDB

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A consistent copy of the database of a data directory, whether a server uses it or not.
///
/// It must run in a process without a `SQLiteStore` on that directory: opening the database file by other means and
/// closing it would drop the store's locks.
package struct Backup {
    package struct Figures: Sendable, Equatable {
        package var bytes: Int64
        /// The last commit that the copy holds.
        package var lastCommit: Int64
    }

    /// Of the data directory.
    package let directory: String
    package let target: String
    private var source: String { directory + "/" + Schema.databaseName }
    /// Where the copy grows; it gets its name when it is whole.
    package var partial: String { target + ".partial" }

    package init(of directory: String, to file: String) {
        self.directory = directory
        target = file
    }

    /// Copies one state of the database: that after a commit which was the last one at some moment after the call.
    /// Commits go on meanwhile; the write-ahead log grows by them, because it is not reused before the copy is whole.
    /// When this returns the copy is synced and has its name. After a thrown error, and after the end of the process at
    /// any moment, there is no file of that name; what is left of the partial one is replaced by the next backup to the
    /// same file.
    package func run() throws(StoreError) -> Figures {
        guard DataDirectory.exists(source) else {
            throw StoreError(.unusable, "there is no database at \(source)")
        }
        try refuseToOverwrite()
        let descriptor = try openPartial()
        // Held until the copy has its name. Nobody else has locks on this file that closing could drop.
        defer { close(descriptor) }
        do {
            let lastCommit = try copy()
            guard fsync(descriptor) == 0 else { throw DataDirectory.unusable("cannot sync \(partial)") }
            try name()
            return Figures(bytes: DataDirectory.size(of: target), lastCommit: lastCommit)
        } catch {
            unlink(partial)
            throw StoreError(error, while: "the backup of \(source)")
        }
    }

    private func refuseToOverwrite() throws(StoreError) {
        guard !DataDirectory.exists(target) else {
            throw StoreError(.unusable, "\(target) exists already: a backup does not overwrite it")
        }
    }

    /// An empty file that belongs to this backup alone.
    private func openPartial() throws(StoreError) -> CInt {
        let descriptor = open(partial, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw DataDirectory.unusable("cannot create \(partial)") }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw StoreError(.unusable, "another backup to \(target) is under way")
        }
        guard ftruncate(descriptor, 0) == 0, fchmod(descriptor, 0o600) == 0 else {
            let failure = DataDirectory.unusable("cannot empty \(partial)")
            close(descriptor)
            throw failure
        }
        // Of a backup that was killed; they would be taken for this one's.
        for suffix in ["-journal", "-wal", "-shm"] { unlink(partial + suffix) }
        return descriptor
    }

    private func copy() throws -> Int64 {
        // Read first: a server at work moves it, after the commit that it names.
        let mark = try CheckpointMark.read(in: directory)
        let reader = try Connections.openForReading(source)
        defer { try? reader.close() }
        let writer = try Connections.openForCopy(partial)
        let lastCommit = try reader.read { db in
            try Schema.requireKnown(db, source)
            // The read has fixed the state that is copied.
            let number = try CommitNumber.read(db)
            if case .damaged(let damage) = try LogCheck.verdict(of: db, mark, in: directory) {
                throw StoreError(.unusable, damage)
            }
            try writer.writeWithoutTransaction { copy in try db.backup(to: copy) }
            return number
        }
        // A file by itself: it can be read, and verified, where nothing can be written beside it.
        try writer.writeWithoutTransaction { db in
            guard try String.fetchOne(db, sql: "PRAGMA journal_mode = DELETE") == "delete" else {
                throw StoreError(.unusable, "the copy at \(partial) cannot be closed")
            }
        }
        try writer.close()
        return lastCommit
    }

    /// Never over a file that has appeared meanwhile.
    private func name() throws(StoreError) {
        if link(partial, target) == 0 {
            unlink(partial)
        } else if errno == EEXIST {
            try refuseToOverwrite()
        } else {
            // A file system without hard links.
            try refuseToOverwrite()
            guard rename(partial, target) == 0 else { throw DataDirectory.unusable("cannot create \(target)") }
        }
        try DataDirectory.sync(DataDirectory.parent(of: target))
    }
}
