import DurableModel
import GRDB

/// The rows of `brief`. Serial, time of acceptance and time of expiry grow from row to row, so the table needs no
/// index: the first to expire come first, and an id, which begins with the time of acceptance, is found by bisection.
/// Whatever would break that order, or has anything that the table has no column for, goes into `lasting`.
enum BriefRows {
    static func count(_ db: Database) throws -> Int {
        try PreparedStatement("SELECT COUNT(*) FROM brief", on: db).row { $0.int(0) } ?? 0
    }

    /// The first to expire first.
    static func oldest(limit: Int, expiredBeforeMs: Int64 = .max, _ db: Database) throws -> [PurgeCandidate] {
        let statement = try PreparedStatement(
            cached: "SELECT serial, id, expires_at_ms FROM brief ORDER BY serial LIMIT ?", on: db)
        statement.bind(limit)
        var found: [PurgeCandidate] = []
        try statement.rows { row in
            guard row.int64(2) < expiredBeforeMs else { return false }
            // What cannot be read is left to whoever loads it, and says so.
            let id = try? InvocationID(stored: row.blob(1))
            found.append(
                PurgeCandidate(
                    serial: InvocationSerial(row.int64(0)), id: id ?? InvocationID(partitionKey: 0, uuid: 0),
                    isPromised: false, expiresAtMs: row.int64(2), isAlone: id != nil))
            return true
        }
        return found
    }

    /// nil when no row has that id.
    static func serial(of id: InvocationID, _ db: Database) throws -> InvocationSerial? {
        guard let first = try order.first(fromMs: id.acceptedAtMs, db) else { return nil }
        return try serial(of: id, from: first, db)
    }

    private static let order = RowOrder(table: "brief", serial: "serial", timeMs: "created_at_ms")

    /// Among those of the same millisecond.
    private static func serial(
        of id: InvocationID, from first: Int64, _ db: Database
    ) throws -> InvocationSerial? {
        let statement = try PreparedStatement(
            cached: "SELECT serial, created_at_ms, id FROM brief WHERE serial >= ? ORDER BY serial", on: db)
        statement.bind(first)
        let (stored, acceptedAtMs) = (id.stored, id.acceptedAtMs)
        var found: InvocationSerial?
        try statement.rows { row in
            guard row.int64(1) == acceptedAtMs else { return false }
            if row.blob(2) == stored { found = InvocationSerial(row.int64(0)) }
            return found == nil
        }
        return found
    }

    /// Reports what contradicts the order that everything above relies on.
    static func check(_ db: Database, _ report: (String) -> Void) throws {
        let sql = "SELECT serial, created_at_ms, expires_at_ms, id FROM brief ORDER BY serial"
        var before: (createdAtMs: Int64, expiresAtMs: Int64) = (.min, .min)
        try PreparedStatement(sql, on: db).rows { row in
            let name = "invocation \(row.int64(0)) in brief"
            let (createdAtMs, expiresAtMs) = (row.int64(1), row.int64(2))
            if createdAtMs < before.createdAtMs { report("\(name) began before its predecessor") }
            if expiresAtMs < before.expiresAtMs { report("\(name) expires before its predecessor") }
            if let id = try? InvocationID(stored: row.blob(3)), id.acceptedAtMs != createdAtMs {
                report("\(name) began at \(createdAtMs), its id says \(id.acceptedAtMs)")
            }
            before = (createdAtMs, expiresAtMs)
            return true
        }
    }

    /// Used only inside accesses of the writing connection.
    final class Writer {
        private let last: LastPlace
        private let insertRow: PreparedStatement
        private let deleteRow: PreparedStatement
        private let readRange: PreparedStatement
        private let deleteRange: PreparedStatement
        private let copyToLasting: PreparedStatement

        init(_ db: Database) throws {
            last = try LastPlace("serial, created_at_ms, expires_at_ms", of: "brief", db)
            insertRow = try PreparedStatement(
                """
                INSERT INTO brief (serial, lane_order, journal_length, completed_at_ms, expires_at_ms,
                    outcome, failure_code, failure_message, failure_metadata, output, packed_journal,
                    id, service, key, handler, kind, parent_serial, parent_entry, created_at_ms, seed, headers, input)
                VALUES (\(repeatElement("?", count: 22).joined(separator: ", ")))
                """, on: db)
            deleteRow = try PreparedStatement("DELETE FROM brief WHERE serial = ?", on: db)
            readRange = try PreparedStatement(
                "SELECT serial FROM brief WHERE serial BETWEEN ? AND ? ORDER BY serial", on: db)
            deleteRange = try PreparedStatement("DELETE FROM brief WHERE serial BETWEEN ? AND ?", on: db)
            copyToLasting = try PreparedStatement(
                """
                INSERT INTO lasting (\(InvocationColumns.all))
                \(InvocationColumns.select) FROM invocation WHERE serial = ?
                """, on: db)
        }

        func rolledBack() { last.rolledBack() }

        /// False for what belongs into `lasting`.
        func insert(_ record: InvocationRecord, _ serial: InvocationSerial) throws -> Bool {
            let (acceptance, progress) = (record.acceptance, record.progress)
            guard let place = record.briefPlace(serial), try place.follows(last.value()) else { return false }
            insertRow.bind(serial.rawValue)
            insertRow.bind(progress.laneOrder)
            insertRow.bind(progress.journalLength)
            insertRow.bind(progress.completedAtMs)
            insertRow.bind(place.expiresAtMs)
            insertRow.bind(progress.outcome)
            insertRow.bind(packed: progress.packedJournal)
            insertRow.bind(brief: acceptance)
            try insertRow.run()
            last.move(to: place)
            return true
        }

        /// False when it is not here.
        func delete(_ serial: InvocationSerial) throws -> Bool {
            guard let last = try last.value(), serial.rawValue <= last.serial else { return false }
            deleteRow.bind(serial.rawValue)
            try deleteRow.run()
            return deleteRow.changedRows == 1
        }

        /// With one statement, if these are the rows from the first to the last of them. Otherwise false, and nothing
        /// has happened.
        func delete(neighbours serials: [InvocationSerial]) throws -> Bool {
            guard serials.count > 1, let first = serials.first, let last = serials.last else { return false }
            readRange.bind(first.rawValue)
            readRange.bind(last.rawValue)
            var found = serials.startIndex
            try readRange.rows { row in
                guard found < serials.endIndex, serials[found].rawValue == row.int64(0) else {
                    found = serials.startIndex
                    return false
                }
                found += 1
                return true
            }
            guard found == serials.endIndex else { return false }
            deleteRange.bind(first.rawValue)
            deleteRange.bind(last.rawValue)
            try deleteRange.run()
            return true
        }

        /// To `lasting`, where it may change. False when it is not here.
        func giveUp(_ serial: InvocationSerial) throws -> Bool {
            copyToLasting.bind(serial.rawValue)
            try copyToLasting.run()
            return try delete(serial)
        }
    }
}

extension InvocationRecord {
    /// nil unless `brief` has a column for all there is to say of it. It must also come in order.
    func briefPlace(_ serial: InvocationSerial) -> RowOrder.Place? {
        guard accepted.acceptance.isBrief, progress.isBrief, let expiresAtMs = progress.expiresAtMs else { return nil }
        return RowOrder.Place(
            serial: serial.rawValue, createdAtMs: accepted.acceptance.createdAtMs, expiresAtMs: expiresAtMs)
    }
}

extension Acceptance {
    fileprivate var isBrief: Bool {
        guard !isPromised, kind != .workflowRun, id.acceptedAtMs == createdAtMs else { return false }
        return idempotencyKey == nil && scheduledForMs == nil && input.count <= InvocationColumns.inlineInputBytesMax
    }
}

extension Progress {
    fileprivate var isBrief: Bool {
        guard status == .completed, completedAtMs != nil, outcome != nil else { return false }
        guard packedJournal != nil || journalLength == 0 else { return false }
        guard followers.isEmpty, !hasControl else { return false }
        guard failedAttempts == 0, strikes == 0 else { return false }
        return firstFailureMs == nil && nextAttemptMs == nil && lastFailure == nil
    }
}

extension PreparedStatement {
    fileprivate func bind(brief acceptance: Acceptance) {
        bind(acceptance.id.stored)
        bind(acceptance.target.service)
        bind(acceptance.target.key)
        bind(acceptance.target.handler)
        bind(acceptance.kind.rawValue)
        bind(acceptance.parent?.serial.rawValue)
        bind(acceptance.parent.map { Int64($0.entry) })
        bind(acceptance.createdAtMs)
        bind(Int64(bitPattern: acceptance.seed))
        bind(acceptance.headers.isEmpty ? nil : StoredForm.bytes { $0.headers(acceptance.headers) })
        bind(acceptance.input)
    }
}
