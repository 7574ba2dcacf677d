package import DurableModel
import GRDB

extension SQLiteStore {
    /// "Oldest" is what expires first; of those, the one accepted first.
    package func load(_ keys: [LoadKey]) throws(StoreError) -> [LoadedValue] {
        do {
            // Before the read begins: what leaves here from now on is in the table that it sees.
            let recent = keys.map { key in key.object.map(recentState.values) ?? [:] }
            return try pool.read { db in try zip(keys, recent).map { key, recent in try Self.load(key, recent, db) } }
        } catch {
            throw StoreError(error, while: "loading")
        }
    }

    private static func load(
        _ key: LoadKey, _ recent: RecentState.Values, _ db: Database
    ) throws -> LoadedValue {
        switch key {
        case .invocationByID(let id):
            try serial(of: id, db).map { serial in try loadInvocation(serial, db) } ?? .invocation(nil)
        case .invocation(let serial): try loadInvocation(serial, db)
        case .object(let object): 
            .object(
                LoadedObject(values: try readState(of: object, recent, db), promises: try readPromises(of: object, db)))
        case .expired(let beforeMs, let limit): .candidates(try readExpired(beforeMs, limit, db))
        case .oldestUnpromised(let limit): .candidates(try readOldestUnpromised(limit, db))
        }
    }

    /// nil when there is none with that id.
    static func serial(of id: InvocationID, _ db: Database) throws -> InvocationSerial? {
        let statement = try PreparedStatement(cached: "SELECT serial FROM lasting WHERE id = ?", on: db)
        statement.bind(id.stored)
        if let serial = try statement.row({ InvocationSerial($0.int64(0)) }) { return serial }
        return try BriefRows.serial(of: id, db) ?? PackedRows.serial(of: id, db)
    }

    private static func loadInvocation(_ serial: InvocationSerial, _ db: Database) throws -> LoadedValue {
        let sql = "\(InvocationColumns.select) FROM invocation WHERE serial = ?"
        let statement = try PreparedStatement(cached: sql, on: db)
        statement.bind(serial.rawValue)
        do {
            let found = try statement.row { row in
                (try InvocationColumns.record(row), InvocationColumns.isInputElsewhere(row))
            }
            guard var record = try found?.0 ?? PackedRows.record(serial, db) else { return .invocation(nil) }
            if found?.1 == true { record.acceptance.input = try InvocationColumns.largeInput(of: serial, db) }
            var journal: [JournalEntry] = []
            if record.progress.status != .completed { journal = try JournalRows.read(of: serial, db) }
            return .invocation(LoadedInvocation(serial: serial, record: record, journal: journal))
        } catch let failure as DecodingFailure {
            return .undecodable(serial, reason: failure.description)
        }
    }

    private static func readState(
        of object: ObjectID, _ recent: RecentState.Values, _ db: Database
    ) throws -> [StateValue] {
        let sql = "SELECT name, value FROM state WHERE service = ? AND key = ? ORDER BY name"
        let statement = try PreparedStatement(cached: sql, on: db)
        statement.bind(object.service)
        statement.bind(object.key)
        var values: [StateValue] = []
        try statement.rows { row in
            let name = row.text(0)
            if recent[ExactText(name)] == nil { values.append(StateValue(name: name, value: row.blob(1))) }
            return true
        }
        guard !recent.isEmpty else { return values }
        for case (let name, let value?) in recent { values.append(StateValue(name: name.text, value: value)) }
        // As the table has them.
        return values.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }

    private static func readPromises(of object: ObjectID, _ db: Database) throws -> [StoredPromise] {
        let sql = "SELECT name, content FROM promise WHERE service = ? AND key = ? ORDER BY name"
        let statement = try PreparedStatement(cached: sql, on: db)
        statement.bind(object.service)
        statement.bind(object.key)
        var promises: [StoredPromise] = []
        try statement.rows { row in
            let promise = try StoredForm.value(of: row.blob(1)) { try $0.promise() }
            promises.append(StoredPromise(name: row.text(0), promise: promise))
            return true
        }
        return promises
    }

    private static func readExpired(_ beforeMs: Int64, _ limit: Int, _ db: Database) throws -> [PurgeCandidate] {
        // Walks in order, merged: of the index one for either kind of promise.
        let walk = { (promised: Int) in
            """
            SELECT * FROM (\(selectCandidates)
            WHERE status = 'completed' AND promised = \(promised) AND expires_at_ms < ?1
            ORDER BY expires_at_ms, serial LIMIT ?2)
            """
        }
        let sql = "\(walk(0)) UNION ALL \(walk(1)) ORDER BY expires_at_ms, serial LIMIT ?2"
        let statement = try PreparedStatement(cached: sql, on: db)
        statement.bind(beforeMs)
        statement.bind(limit)
        return try firstToExpire(limit, candidates(statement), beforeMs: beforeMs, db)
    }

    private static func readOldestUnpromised(_ limit: Int, _ db: Database) throws -> [PurgeCandidate] {
        let sql = """
            \(selectCandidates) WHERE status = 'completed' AND promised = 0 ORDER BY expires_at_ms, serial LIMIT ?
            """
        let statement = try PreparedStatement(cached: sql, on: db)
        statement.bind(limit)
        return try firstToExpire(limit, candidates(statement), beforeMs: .max, db)
    }

    /// Of those of `lasting` and of both tables of brief ones.
    private static func firstToExpire(
        _ limit: Int, _ lasting: [PurgeCandidate], beforeMs: Int64, _ db: Database
    ) throws -> [PurgeCandidate] {
        let packed = try PackedRows.oldest(limit: limit, expiredBeforeMs: beforeMs, db)
        // Of a busy server the packed ones are many: then few of the others can come before the last of them.
        let lastMs = packed.count < limit ? nil : packed.last?.expiresAtMs
        let briefBeforeMs = lastMs.map { min(beforeMs, $0 + 1) } ?? beforeMs
        let brief = try BriefRows.oldest(limit: limit, expiredBeforeMs: briefBeforeMs, db)
        if lasting.isEmpty, brief.isEmpty { return packed }
        let all = (lasting + brief + packed).sorted { a, b in
            (a.expiresAtMs ?? .min, a.serial.rawValue) < (b.expiresAtMs ?? .min, b.serial.rawValue)
        }
        return Array(all.prefix(limit))
    }

    private static let selectCandidates = """
        SELECT serial, id, promised, expires_at_ms, kind <> 'workflowRun' AND
            (packed_journal IS NOT NULL OR journal_length = 0) FROM lasting
        """

    private static func candidates(_ statement: PreparedStatement) throws -> [PurgeCandidate] {
        var candidates: [PurgeCandidate] = []
        try statement.rows { row in
            // What cannot be read is left to whoever loads it, and says so.
            let id = try? InvocationID(stored: row.blob(1))
            candidates.append(
                PurgeCandidate(
                    serial: InvocationSerial(row.int64(0)), id: id ?? InvocationID(partitionKey: 0, uuid: 0),
                    isPromised: row.int(2) != 0, expiresAtMs: row.optionalInt64(3),
                    isAlone: id != nil && row.int(4) != 0))
            return true
        }
        return candidates
    }
}

extension LoadKey {
    fileprivate var object: ObjectID? {
        if case .object(let object) = self { object } else { nil }
    }
}
