import DurableModel
import GRDBSQLite

/// Why a transaction of a service was rolled back.
enum StepFailure: Error {
    /// The statements' own fault.
    case refused(String)
    /// The disk's, or another program's.
    case store(StoreError)

    init(_ code: CInt, _ message: String) {
        let text = "\(message) (SQLite result code \(code))"
        switch code & 0xff {
        case SQLITE_FULL: self = .store(StoreError(.full, "no room on the disk: \(text)"))
        case SQLITE_BUSY, SQLITE_LOCKED: self = .store(StoreError(.busy, "the database is locked: \(text)"))
        case SQLITE_IOERR, SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_CANTOPEN, SQLITE_PROTOCOL:
            self = .store(StoreError(.fatal, "a transactional step: \(text)"))
        default: self = .refused(message)
        }
    }
}
