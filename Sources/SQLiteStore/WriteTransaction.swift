import GRDB
import GRDBSQLite

/// A transaction of the writing connection. What begins and ends it is prepared once: to compile both anew costs a
/// twentieth of a busy server's commit. Used only inside accesses of the connection.
final class WriteTransaction {
    private let connection: OpaquePointer?
    private let begin: PreparedStatement
    private let commit: PreparedStatement
    private let rollback: PreparedStatement

    init(on db: Database) throws {
        connection = db.sqliteConnection
        begin = try PreparedStatement("BEGIN IMMEDIATE", on: db)
        commit = try PreparedStatement("COMMIT", on: db)
        rollback = try PreparedStatement("ROLLBACK", on: db)
    }

    /// What `write` throws, or the commit, leaves nothing of it behind.
    func run(_ write: () throws -> Void) throws {
        try begin.run()
        do {
            try write()
            try commit.run()
        } catch {
            // After some failures SQLite has done so itself.
            if isOpen { try? rollback.run() }
            throw error
        }
    }

    private var isOpen: Bool { sqlite3_get_autocommit(connection) == 0 }
}
