import DurableModel
import GRDBSQLite

/// The connection on which statements of services are executed. They have one of their own because an authorizer cannot
/// come and go on the writer's: each change of it makes SQLite compile all statements of a connection anew.
///
/// Used only inside accesses of the pool's writer, so there are never two who write.
final class StepConnection {
    let handle: OpaquePointer
    private let watch = StepGuard()
    private let timeLimit: Duration

    /// Bytes of the rows that a step may give back.
    private static let resultBytesMax = 1 << 20
    private static let valueBytesMax: CInt = 8 << 20
    /// Time for a pattern to match a text grows steeply with its length.
    private static let patternBytesMax: CInt = 256

    init(_ path: String, _ options: StoreOptions) throws(StepFailure) {
        var opened: OpaquePointer?
        let code = sqlite3_open_v2(path, &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nil)
        guard code == SQLITE_OK, let handle = opened else {
            sqlite3_close(opened)
            throw StepFailure(code, "cannot open \(path)")
        }
        self.handle = handle
        timeLimit = .milliseconds(options.stepTimeLimitMs)
        sqlite3_extended_result_codes(handle, 1)
        sqlite3_busy_timeout(handle, CInt(options.busyTimeoutMs))
        sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, Self.valueBytesMax)
        sqlite3_limit(handle, SQLITE_LIMIT_LIKE_PATTERN_LENGTH, Self.patternBytesMax)
        sqlite3_limit(handle, SQLITE_LIMIT_ATTACHED, 0)
        for pragma in options.writerPragmas + ["PRAGMA foreign_keys = ON", "PRAGMA trusted_schema = OFF"] {
            try run(pragma)
        }
        try limitPages(to: options.pageCountMax)
        watch.watch(handle)
    }

    deinit { sqlite3_close_v2(handle) }

    func limitPages(to pageCountMax: Int?) throws(StepFailure) {
        try run("PRAGMA max_page_count = \(pageCountMax ?? 0xffff_fffe)")
    }

    /// What a call that returned `code` says.
    func failure(_ code: CInt) -> StepFailure {
        let refusal = watch.takeRefusal()
        if code & 0xff == SQLITE_INTERRUPT { return .refused("it took longer than \(timeLimit)") }
        let message = sqlite3_errmsg(handle).map { String(cString: $0) } ?? "no message"
        return StepFailure(code, refusal ?? message)
    }

    // MARK: Transactions

    /// All or nothing; the number of the commit is part of it.
    func transaction<Value>(
        _ commitNumber: Int64, _ body: () throws(StepFailure) -> Value
    ) throws(StepFailure) -> Value {
        try run("BEGIN IMMEDIATE")
        do throws(StepFailure) {
            let value = try body()
            try run(
                "INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)",
                [.text("\(CommitNumber.key)"), .integer(commitNumber)])
            try run("COMMIT")
            return value
        } catch {
            // Some errors have ended it already.
            if sqlite3_get_autocommit(handle) == 0 { try run("ROLLBACK") }
            throw error
        }
    }

    /// Executes statements as somebody else, for a time. The rows are those of the last one.
    func execute(
        _ statements: [StoredStep.Statement], as author: StepGuard.Author
    ) throws(StepFailure) -> StepResult {
        watch.author = author
        if case .step = author { watch.deadline = .now + timeLimit }
        defer {
            watch.author = .store
            watch.deadline = nil
        }
        var result = StepResult()
        let before = sqlite3_total_changes64(handle)
        for statement in statements {
            let compiled = try StepStatement(statement.sql, on: self)
            try compiled.bind(statement.values)
            try collect(compiled, into: &result)
        }
        result.changes = Int(sqlite3_total_changes64(handle) - before)
        return result
    }

    private func collect(_ statement: StepStatement, into result: inout StepResult) throws(StepFailure) {
        result.columns = statement.columns
        result.rows = []
        var bytes = 0
        while try statement.step() {
            let row = statement.row
            bytes += row.reduce(0) { $0 + $1.byteCount }
            guard bytes <= Self.resultBytesMax else { throw .refused("it gives back more than a megabyte of rows") }
            result.rows.append(row)
        }
    }

    /// Executes any number of statements as somebody else.
    func executeScript(_ sql: String, as author: StepGuard.Author) throws(StepFailure) {
        watch.author = author
        defer { watch.author = .store }
        let code = sqlite3_exec(handle, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw failure(code) }
        guard sqlite3_get_autocommit(handle) == 0 else { throw .refused("it has ended the transaction") }
    }

    /// A statement of the store's own.
    @discardableResult
    func run(_ sql: String, _ values: [SQLCell] = []) throws(StepFailure) -> [[SQLCell]] {
        let statement = try StepStatement(sql, on: self)
        try statement.bind(values)
        var rows: [[SQLCell]] = []
        while try statement.step() { rows.append(statement.row) }
        return rows
    }

    /// Learns what there is. Tables that functions make up are declared at their first use, which is not for services.
    func learnTables() throws(StepFailure) {
        for name in ["json_each", "json_tree"] { try run("SELECT 1 FROM \(name)('[]')") }
        let names = try run("SELECT name FROM sqlite_schema UNION SELECT name FROM pragma_module_list")
        watch.known = []
        for case .text(let name)? in names.map(\.first) { watch.known.insert(name.lowercased()) }
    }
}

extension SQLCell {
    /// What it takes in a result, roughly.
    fileprivate var byteCount: Int {
        switch self {
        case .null, .integer, .real: 16
        case .text(let value): 16 + value.utf8.count
        case .blob(let value): 16 + value.count
        }
    }
}
