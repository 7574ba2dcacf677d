import DurableModel
import GRDBSQLite

/// One compiled statement of a `StepConnection`.
final class StepStatement {
    private let handle: OpaquePointer
    private let connection: StepConnection

    /// What follows a statement may be space and comments only.
    init(_ sql: String, on connection: StepConnection) throws(StepFailure) {
        guard let handle = try Self.compile(sql, connection) else { throw .refused("a statement is empty") }
        self.handle = handle
        self.connection = connection
    }

    deinit { sqlite3_finalize(handle) }

    private static func compile(_ sql: String, _ connection: StepConnection) throws(StepFailure) -> OpaquePointer? {
        var text = sql
        let compiled: Result<OpaquePointer?, StepFailure> = text.withUTF8 { utf8 in
            guard let start = utf8.baseAddress else { return .success(nil) }
            return start.withMemoryRebound(to: CChar.self, capacity: utf8.count) { start in
                var handle: OpaquePointer?
                var tail: UnsafePointer<CChar>?
                let code = sqlite3_prepare_v2(connection.handle, start, CInt(utf8.count), &handle, &tail)
                guard code == SQLITE_OK else { return .failure(connection.failure(code)) }
                guard handle != nil, let tail else { return .success(handle) }
                var second: OpaquePointer?
                let left = CInt(utf8.count - start.distance(to: tail))
                let secondCode = sqlite3_prepare_v2(connection.handle, tail, left, &second, nil)
                guard second == nil, secondCode == SQLITE_OK else {
                    sqlite3_finalize(second)
                    sqlite3_finalize(handle)
                    return .failure(.refused("one statement at a time: something follows the first one"))
                }
                return .success(handle)
            }
        }
        return try compiled.get()
    }

    func bind(_ values: [SQLCell]) throws(StepFailure) {
        let wanted = Int(sqlite3_bind_parameter_count(handle))
        guard wanted == values.count else {
            throw .refused("a statement wants \(wanted) values and gets \(values.count)")
        }
        for (index, value) in values.enumerated() {
            let code = bind(value, at: CInt(index + 1))
            guard code == SQLITE_OK else { throw connection.failure(code) }
        }
    }

    private func bind(_ value: SQLCell, at position: CInt) -> CInt {
        switch value {
        case .null: sqlite3_bind_null(handle, position)
        case .integer(let value): sqlite3_bind_int64(handle, position, value)
        case .real(let value): sqlite3_bind_double(handle, position, value)
        case .text(let value):
            sqlite3_bind_text64(
                handle, position, value, UInt64(value.utf8.count), Self.copied, UInt8(SQLITE_UTF8))
        case .blob(let value) where value.isEmpty: sqlite3_bind_zeroblob(handle, position, 0)
        case .blob(let value):
            value.withUnsafeBytes {
                sqlite3_bind_blob64(handle, position, $0.baseAddress, UInt64($0.count), Self.copied)
            }
        }
    }

    /// SQLITE_TRANSIENT: SQLite copies the bytes before the call returns.
    private static var copied: sqlite3_destructor_type { unsafeBitCast(-1, to: sqlite3_destructor_type.self) }

    /// True when there is a row.
    func step() throws(StepFailure) -> Bool {
        switch sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code:
            let failure = connection.failure(code)
            sqlite3_reset(handle)
            throw failure
        }
    }

    var columns: [String] {
        (0..<sqlite3_column_count(handle)).map { index in
            sqlite3_column_name(handle, index).map { String(cString: $0) } ?? ""
        }
    }

    /// The current row.
    var row: [SQLCell] { (0..<sqlite3_column_count(handle)).map(cell) }

    private func cell(_ column: CInt) -> SQLCell {
        let row = RowReader(handle)
        return switch sqlite3_column_type(handle, column) {
        case SQLITE_INTEGER: .integer(row.int64(column))
        case SQLITE_FLOAT: .real(sqlite3_column_double(handle, column))
        case SQLITE_TEXT: .text(row.text(column))
        case SQLITE_BLOB: .blob(row.blob(column))
        default: .null
        }
    }
}
