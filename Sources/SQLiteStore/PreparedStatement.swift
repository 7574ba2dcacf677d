import DurableModel
import GRDB
import GRDBSQLite

/// A GRDB statement bound and stepped by the C API: a commit writes thousands of rows, and boxing each of their
/// columns in a `DatabaseValue` costs more than SQLite's own work. Used only inside an access of its connection.
final class PreparedStatement {
    private let statement: Statement
    private let handle: OpaquePointer
    private var nextParameter: CInt = 1
    private var bindingCode: CInt = SQLITE_OK
    /// What is bound lies here until the statement has run: a copy by SQLite costs an allocation for each column.
    private let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: scratchBytes, alignment: 8)
    private var scratchUsed = 0

    private static let scratchBytes = 4096

    init(_ sql: String, on db: Database) throws {
        statement = try db.makeStatement(sql: sql)
        handle = statement.sqliteStatement
    }

    /// The statement of that connection which was prepared before, or a new one.
    init(cached sql: String, on db: Database) throws {
        statement = try db.cachedStatement(sql: sql)
        handle = statement.sqliteStatement
    }

    deinit {
        // The statement may outlive this in GRDB's cache, and must not point into what is freed.
        sqlite3_clear_bindings(handle)
        scratch.deallocate()
    }

    // MARK: Binding, parameter after parameter

    func bind(_ value: Int64?) {
        guard let value else { return bindNull() }
        note(sqlite3_bind_int64(handle, nextParameter, value))
    }

    func bind(_ value: Int) { bind(Int64(value)) }

    func bind(_ value: Bool) { bind(value ? 1 as Int64 : 0) }

    func bind(_ value: StaticString) {
        note(
            sqlite3_bind_text(
                handle, nextParameter, UnsafeRawPointer(value.utf8Start).assumingMemoryBound(to: CChar.self),
                CInt(value.utf8CodeUnitCount), nil))
    }

    func bind(_ value: String?) {
        guard var value else { return bindNull() }
        value.withUTF8 { utf8 in
            // SQLite takes a null pointer for NULL, which an empty buffer may have.
            guard !utf8.isEmpty else { return bind("" as StaticString) }
            let (bytes, owner) = place(UnsafeRawBufferPointer(utf8))
            note(
                sqlite3_bind_text64(
                    handle, nextParameter, bytes?.assumingMemoryBound(to: CChar.self), UInt64(utf8.count), owner,
                    UInt8(SQLITE_UTF8)))
        }
    }

    func bind(_ value: Bytes?) {
        guard let value else { return bindNull() }
        guard !value.isEmpty else { return note(sqlite3_bind_zeroblob(handle, nextParameter, 0)) }
        value.withUnsafeBytes { bytes in
            let (start, owner) = place(bytes)
            note(sqlite3_bind_blob64(handle, nextParameter, start, UInt64(bytes.count), owner))
        }
    }

    func bindNull() { note(sqlite3_bind_null(handle, nextParameter)) }

    private func note(_ code: CInt) {
        if code != SQLITE_OK && bindingCode == SQLITE_OK { bindingCode = code }
        nextParameter += 1
    }

    /// A place for the bytes that lasts until the statement has run: here, or with SQLite when they are too many.
    private func place(_ bytes: UnsafeRawBufferPointer) -> (UnsafeRawPointer?, sqlite3_destructor_type?) {
        guard bytes.count <= scratch.count - scratchUsed, let start = scratch.baseAddress else {
            return (bytes.baseAddress, Self.copied)
        }
        let place = UnsafeMutableRawBufferPointer(start: start + scratchUsed, count: bytes.count)
        place.copyMemory(from: bytes)
        scratchUsed += bytes.count
        return (UnsafeRawPointer(place.baseAddress), nil)
    }

    /// SQLITE_TRANSIENT: SQLite copies the bytes before the call returns.
    private static var copied: sqlite3_destructor_type { unsafeBitCast(-1, to: sqlite3_destructor_type.self) }

    // MARK: Running

    /// Executes a statement that returns no rows and makes it ready for the next binding.
    func run() throws {
        let code = takeBindingCode() ?? sqlite3_step(handle)
        let failure = code == SQLITE_DONE ? nil : error(code)
        sqlite3_reset(handle)
        if let failure { throw failure }
    }

    /// Calls `body` for each row until it returns false.
    func rows(_ body: (RowReader) throws -> Bool) throws {
        defer { sqlite3_reset(handle) }
        if let code = takeBindingCode() { throw error(code) }
        while true {
            switch sqlite3_step(handle) {
            case SQLITE_ROW: if try !body(RowReader(handle)) { return }
            case SQLITE_DONE: return
            case let code: throw error(code)
            }
        }
    }

    /// The only row, or nil.
    func row<Value>(_ read: (RowReader) throws -> Value) throws -> Value? {
        var value: Value?
        try rows { row in
            value = try read(row)
            return false
        }
        return value
    }

    /// Rows changed by the last `run` on this connection.
    var changedRows: Int { Int(sqlite3_changes(sqlite3_db_handle(handle))) }

    private func takeBindingCode() -> CInt? {
        defer {
            nextParameter = 1
            bindingCode = SQLITE_OK
            scratchUsed = 0
        }
        return bindingCode == SQLITE_OK ? nil : bindingCode
    }

    private func error(_ code: CInt) -> DatabaseError {
        let message = sqlite3_errmsg(sqlite3_db_handle(handle)).map { String(cString: $0) }
        return DatabaseError(resultCode: ResultCode(rawValue: code), message: message, sql: statement.sql)
    }
}

/// The current row of a statement. Valid until the statement is stepped.
struct RowReader {
    private let handle: OpaquePointer

    init(_ handle: OpaquePointer) { self.handle = handle }

    func isNull(_ column: CInt) -> Bool { sqlite3_column_type(handle, column) == SQLITE_NULL }

    func int64(_ column: CInt) -> Int64 { sqlite3_column_int64(handle, column) }

    func optionalInt64(_ column: CInt) -> Int64? { isNull(column) ? nil : int64(column) }

    func int(_ column: CInt) -> Int { Int(truncatingIfNeeded: int64(column)) }

    /// Without a copy. Valid until the column is read in another form or the statement is stepped.
    func utf8(_ column: CInt) -> UnsafeBufferPointer<UInt8> {
        let start = sqlite3_column_text(handle, column)
        return UnsafeBufferPointer(start: start, count: start == nil ? 0 : Int(sqlite3_column_bytes(handle, column)))
    }

    func text(_ column: CInt) -> String { String(decoding: utf8(column), as: UTF8.self) }

    func optionalText(_ column: CInt) -> String? { isNull(column) ? nil : text(column) }

    func blob(_ column: CInt) -> Bytes {
        guard let start = sqlite3_column_blob(handle, column) else { return [] }
        return Bytes(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column))))
    }

    func optionalBlob(_ column: CInt) -> Bytes? { isNull(column) ? nil : blob(column) }
}
