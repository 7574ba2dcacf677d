package import DurableModel
import GRDB

extension SQLiteStore {
    /// Reads columns only, nothing that must be decoded: no damaged value stops a start.
    package func recover() throws(StoreError) -> RecoveredState {
        do {
            return try pool.read { db in
                var state = RecoveredState()
                try Self.recoverMeta(db, &state)
                try Self.recoverTimers(db, &state)
                try Self.recoverLive(db, &state)
                try Self.countRetained(db, &state)
                return state
            }
        } catch {
            throw StoreError(error, while: "reading what was at work")
        }
    }

    private static func recoverMeta(_ db: Database, _ state: inout RecoveredState) throws {
        try PreparedStatement("SELECT key, value FROM meta", on: db).rows { row in
            if let key = MetaKey(rawValue: row.text(0)) { state.meta[key] = row.int64(1) }
            return true
        }
    }

    private static func recoverTimers(_ db: Database, _ state: inout RecoveredState) throws {
        try PreparedStatement("SELECT serial, slot, due_ms FROM timer ORDER BY serial, slot", on: db).rows { row in
            let id = TimerID(serial: InvocationSerial(row.int64(0)), slot: TimerSlot(stored: row.int64(1)))
            state.timers.append(RecoveredTimer(id: id, dueMs: row.int64(2)))
            return true
        }
    }

    private static func recoverLive(_ db: Database, _ state: inout RecoveredState) throws {
        var services = TextPool()
        var keys = TextPool()
        let rows = try PreparedStatement(
            """
            SELECT serial, lane_order, strikes, kind, service, key FROM lasting
            WHERE status <> 'completed' AND status = ? ORDER BY serial
            """, on: db)
        for status in InvocationStatus.allCases where status != .scheduled && status != .completed {
            rows.bind(status.rawValue)
            try rows.rows { row in
                var lane: ObjectID?
                if !row.isNull(5), row.hasLane(kind: 3) {
                    lane = ObjectID(service: services.text(row.utf8(4)), key: keys.text(row.utf8(5)))
                }
                if status == .suspended, lane == nil { return true }
                state.live.append(
                    RecoveredInvocation(
                        serial: InvocationSerial(row.int64(0)), status: status, lane: lane,
                        laneOrder: row.optionalInt64(1), strikes: row.int(2)))
                return true
            }
        }
        state.live.sort { a, b in
            (a.laneOrder ?? .min, a.serial.rawValue) < (b.laneOrder ?? .min, b.serial.rawValue)
        }
    }

    private static func countRetained(_ db: Database, _ state: inout RecoveredState) throws {
        let sql = "SELECT promised, COUNT(*) FROM lasting WHERE status = 'completed' GROUP BY promised"
        try PreparedStatement(sql, on: db).rows { row in
            let isPromised = row.int64(0) != 0
            if isPromised { state.retainedPromised += row.int(1) } else { state.retainedUnpromised += row.int(1) }
            return true
        }
        state.retainedUnpromised += try BriefRows.count(db) + PackedRows.count(db)
    }
}

extension RowReader {
    /// Whether handlers of that kind queue. Shared ones and workflow runs have a key, and no lane.
    fileprivate func hasLane(kind column: CInt) -> Bool { text(column) == HandlerKind.exclusive.rawValue }
}

/// Gives equal texts one storage: a million invocations share a few services and many share a key.
private struct TextPool {
    private var texts: Set<String> = []
    private var last = ""

    mutating func text(_ utf8: UnsafeBufferPointer<UInt8>) -> String {
        if last.utf8.elementsEqual(utf8) { return last }
        let text = String(decoding: utf8, as: UTF8.self)
        // Shorter ones are stored in place.
        last = utf8.count < 16 ? text : texts.insert(text).memberAfterInsert
        return last
    }
}
