import DurableModel
import GRDB

extension StoreError {
    /// What an error of SQLite or GRDB means to the caller of the store.
    init(_ error: any Error, while action: String) {
        if let error = error as? StoreError {
            self = error
            return
        }
        guard let error = error as? DatabaseError else {
            self.init(.fatal, "\(action) failed: \(error)")
            return
        }
        let text = "\(error.message ?? "no message") (SQLite result code \(error.extendedResultCode.rawValue))"
        switch error.resultCode {
        case .SQLITE_FULL: self.init(.full, "\(action): no room on the disk: \(text)")
        case .SQLITE_BUSY, .SQLITE_LOCKED: self.init(.busy, "\(action): the database is locked: \(text)")
        case .SQLITE_INTERRUPT: self.init(.busy, "\(action) was ended because it took too long: ask for less")
        case .SQLITE_CORRUPT, .SQLITE_NOTADB: self.init(.fatal, "\(action): the database is damaged: \(text)")
        case .SQLITE_IOERR: self.init(.fatal, "\(action): input/output error: \(text)")
        default: self.init(.fatal, "\(action) failed: \(text)")
        }
    }
}
