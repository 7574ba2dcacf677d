package import DurableModel
import GRDB

/// What a verified database holds.
package struct StoreFigures: Sendable, Equatable {
    package var lastCommit: Int64 = 0
    package var invocations = 0
    /// Those of them that have not completed.
    package var live = 0
    package var journalEntries = 0
    package var timers = 0
    package var stateValues = 0
}

/// Looks for everything that no sequence of commits leaves behind: damage of the file, rows that do not decode, and
/// rows that contradict each other. Reads only.
package enum Verification {
    /// Verifies a data directory that no server owns, or a database file by itself, such as a backup. Calls `problem`
    /// with one line for each thing that is wrong.
    ///
    /// Throws `.owned`, `.newerSchema`, or `.unusable` for what is no database of this version: then nothing is known.
    package static func run(on path: String, problem: (String) -> Void) throws(StoreError) -> StoreFigures {
        switch try DataDirectory.kind(of: path) {
        case .file: return try verify(file: path, mark: nil, in: path, problem)
        case .directory:
            let directory = try DataDirectory(existing: path)
            defer { directory.release() }
            let file = directory.file(Schema.databaseName)
            guard DataDirectory.exists(file) else {
                throw StoreError(.unusable, "\(path) is no data directory: it has no \(Schema.databaseName)")
            }
            return try verify(file: file, mark: try CheckpointMark.read(in: path), in: path, problem)
        }
    }

    private static func verify(
        file: String, mark: CheckpointMark.Content?, in directory: String, _ problem: (String) -> Void
    ) throws(StoreError) -> StoreFigures {
        var figures: StoreFigures?
        do {
            let queue = try Connections.openForReading(file)
            defer { try? queue.close() }
            // One transaction: one state of the database.
            try queue.read { db in
                try requireCurrentSchema(db, file)
                if case .damaged(let damage) = try LogCheck.verdict(of: db, mark, in: directory) { problem(damage) }
                figures = try StoreChecks.run(on: db, problem)
            }
        } catch {
            // The end of a transaction that has met a damaged page fails once more.
            if let figures { return figures }
            throw StoreError(error, while: "opening \(file)")
        }
        return figures ?? StoreFigures()
    }

    private static func requireCurrentSchema(_ db: Database, _ file: String) throws {
        try Schema.requireKnown(db, file)
        guard try Schema.migrator.hasCompletedMigrations(db) else {
            throw StoreError(
                .unusable, "\(file) is no database of this version: start a server on it once to bring it up to date")
        }
    }
}
