package import DurableModel
import GRDB
import GRDBSQLite

extension SQLiteStore {
    /// Ends after `inspectionTimeoutMs` with `.busy`: a filter that matches little scans much. A damaged invocation is
    /// listed with what can be read of it and the reason as its last failure.
    package func invocations(matching filter: InvocationFilter) throws(StoreError) -> [StoredInvocation] {
        try inspect { db in
            var conditions: [String] = []
            if let status = filter.status {
                // The words by which SQLite recognizes that it may use the index of those who live.
                if status != .completed { conditions.append("status <> 'completed'") }
                conditions.append("status = ?")
            }
            if filter.service != nil { conditions.append("service = ?") }
            if filter.key != nil { conditions.append("key = ?") }
            let restriction = conditions.isEmpty ? "" : " WHERE " + conditions.joined(separator: " AND ")
            let statement = try PreparedStatement(
                "\(InvocationColumns.selectWithoutLarge) FROM invocation\(restriction) ORDER BY serial DESC LIMIT ?",
                on: db)
            if let status = filter.status { statement.bind(status.rawValue) }
            if let service = filter.service { statement.bind(service) }
            if let key = filter.key { statement.bind(key) }
            statement.bind(max(0, filter.limit))
            var found: [StoredInvocation] = []
            try statement.rows { row in
                found.append(
                    StoredInvocation(
                        serial: InvocationColumns.serial(row), record: InvocationColumns.readableRecord(row)))
                return true
            }
            let packed = try Self.packed(matching: filter, newerThan: found, db)
            let all = (found + packed).sorted { $0.serial.rawValue > $1.serial.rawValue }
            return Array(all.prefix(max(0, filter.limit)))
        }
    }

    /// Of the packed ones at least those that belong into a list with these rows.
    private static func packed(
        matching filter: InvocationFilter, newerThan rows: [StoredInvocation], _ db: Database
    ) throws -> [StoredInvocation] {
        guard filter.limit > 0, filter.status == nil || filter.status == .completed else { return [] }
        let oldest = rows.count < filter.limit ? nil : rows.last?.serial.rawValue
        var found: [StoredInvocation] = []
        try PackedRows.newestFirst(db) { serial, record in
            if let oldest, serial.rawValue < oldest { return false }
            if filter.matches(record.acceptance.target) {
                found.append(StoredInvocation(serial: serial, record: record.withoutLarge))
            }
            return found.count < filter.limit
        }
        return found
    }

    private static func packed(_ serial: InvocationSerial, _ db: Database) throws -> StoredInvocation? {
        try PackedRows.record(serial, db).map { StoredInvocation(serial: serial, record: $0) }
    }

    /// The journal is the packed one for completed invocations, and cut after 10,000 entries.
    package func invocation(_ id: InvocationID) throws(StoreError) -> StoredInvocation? {
        try inspect { db in
            guard let serial = try Self.serial(of: id, db) else { return nil }
            let statement = try PreparedStatement(
                cached: "\(InvocationColumns.select) FROM invocation WHERE serial = ?", on: db)
            statement.bind(serial.rawValue)
            let row = try statement.row { row in
                let found = StoredInvocation(
                    serial: InvocationColumns.serial(row), record: InvocationColumns.readableRecord(row))
                return (found, InvocationColumns.isInputElsewhere(row))
            }
            guard var found = try row?.0 ?? Self.packed(serial, db) else { return nil }
            do {
                if row?.1 == true {
                    found.record.acceptance.input = try InvocationColumns.largeInput(of: found.serial, db)
                }
                found.journal =
                    try found.record.progress.packedJournal
                    ?? JournalRows.read(of: found.serial, atMost: 10_000, db)
            } catch let failure as DecodingFailure {
                found.record.progress.lastFailure = InvocationColumns.unreadable(failure)
            }
            return found
        }
    }

    private func inspect<Value>(_ read: (Database) throws -> Value) throws(StoreError) -> Value {
        do {
            return try inspector.read { db in
                var deadline = ContinuousClock.now + .milliseconds(options.inspectionTimeoutMs)
                return try withUnsafeMutablePointer(to: &deadline) { deadline in
                    defer { sqlite3_progress_handler(db.sqliteConnection, 0, nil, nil) }
                    sqlite3_progress_handler(
                        db.sqliteConnection, 2000,
                        { pointer in
                            guard let deadline = pointer?.assumingMemoryBound(to: ContinuousClock.Instant.self) else {
                                return 0
                            }
                            return ContinuousClock.now < deadline.pointee ? 0 : 1
                        }, deadline)
                    return try read(db)
                }
            }
        } catch {
            throw StoreError(error, while: "an inspection")
        }
    }
}

extension InvocationFilter {
    /// By bytes, as SQLite compares.
    fileprivate func matches(_ target: InvocationTarget) -> Bool {
        if let service, !service.hasSameBytes(as: target.service) { return false }
        guard let key else { return true }
        return target.key?.hasSameBytes(as: key) ?? false
    }
}

extension InvocationRecord {
    /// As `InvocationColumns.selectWithoutLarge` would read it.
    fileprivate var withoutLarge: InvocationRecord {
        var record = self
        record.acceptance.input = []
        record.progress.packedJournal = nil
        if case .success = record.progress.outcome { record.progress.outcome = .success([]) }
        return record
    }
}
