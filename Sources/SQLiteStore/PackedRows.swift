import DurableModel
import GRDB

/// The rows of `packed`: results like those of `brief`, many in one row, as commits of a busy server bring them. A row
/// of its own costs each of them more than everything else that SQLite does for a call.
///
/// Whoever walks passes over a pack that does not decode: `Verification` names it.
enum PackedRows {
    /// So that a row lies within a page of the file, without overflow pages.
    static let usualBytesMax = 3500

    private static let order = RowOrder(table: "packed", serial: "last_serial", timeMs: "last_created_ms")

    static func count(_ db: Database) throws -> Int {
        try PreparedStatement("SELECT COALESCE(SUM(member_count), 0) FROM packed", on: db).row { $0.int(0) } ?? 0
    }

    /// The first to expire first.
    static func oldest(limit: Int, expiredBeforeMs: Int64 = .max, _ db: Database) throws -> [PurgeCandidate] {
        var found: [PurgeCandidate] = []
        try PreparedStatement(cached: "SELECT members FROM packed ORDER BY last_serial", on: db).rows { row in
            for member in (try? Pack(row.blob(0)).members) ?? [] {
                guard found.count < limit, member.expiresAtMs < expiredBeforeMs else { return false }
                found.append(member.asCandidate)
            }
            return found.count < limit
        }
        return found
    }

    /// nil when no pack has that id.
    static func serial(of id: InvocationID, _ db: Database) throws -> InvocationSerial? {
        guard let first = try order.first(fromMs: id.acceptedAtMs, db) else { return nil }
        let statement = try PreparedStatement(
            cached: "SELECT members FROM packed WHERE last_serial >= ? ORDER BY last_serial", on: db)
        statement.bind(first)
        var found: InvocationSerial?
        try statement.rows { row in
            for member in (try? Pack(row.blob(0)).members) ?? [] {
                if member.id == id { found = member.serial }
                if found != nil || member.id.acceptedAtMs > id.acceptedAtMs { return false }
            }
            return true
        }
        return found
    }

    /// nil when no pack has it. Throws `DecodingFailure` when the one does not decode that would.
    static func record(_ serial: InvocationSerial, _ db: Database) throws -> InvocationRecord? {
        let statement = try PreparedStatement(
            cached: "SELECT members FROM packed WHERE last_serial >= ? ORDER BY last_serial LIMIT 1", on: db)
        statement.bind(serial.rawValue)
        guard let bytes = try statement.row({ $0.blob(0) }) else { return nil }
        let pack = try Pack(bytes)
        guard let member = pack.members.first(where: { $0.serial == serial }) else { return nil }
        return try pack.record(of: member)
    }

    /// Each, newest first, until `body` returns false.
    static func newestFirst(_ db: Database, _ body: (InvocationSerial, InvocationRecord) throws -> Bool) throws {
        try PreparedStatement(cached: "SELECT members FROM packed ORDER BY last_serial DESC", on: db).rows { row in
            guard let pack = try? Pack(row.blob(0)) else { return true }
            for member in pack.members.reversed() {
                guard let record = try? pack.record(of: member) else { continue }
                if try !body(member.serial, record) { return false }
            }
            return true
        }
    }

    /// Reports what does not decode and what contradicts the order that everything above relies on. Calls `member` with
    /// each that does.
    static func check(
        _ db: Database, _ report: (String) -> Void, member: (InvocationSerial, InvocationRecord) throws -> Void
    ) throws {
        let sql = """
            SELECT last_serial, last_created_ms, last_expires_ms, member_count, members FROM packed ORDER BY last_serial
            """
        var before: RowOrder.Place?
        try PreparedStatement(sql, on: db).rows { row in
            let name = "the pack up to invocation \(row.int64(0))"
            do {
                let pack = try Pack(row.blob(4))
                if pack.members.count != row.int(3) { report("\(name) says it has \(row.int(3)) members") }
                for one in pack.members {
                    if !one.place.follows(before) { report("\(name): \(one.serial.rawValue) is out of order") }
                    before = one.place
                    try member(one.serial, try pack.record(of: one))
                }
                let last = RowOrder.Place(serial: row.int64(0), createdAtMs: row.int64(1), expiresAtMs: row.int64(2))
                if pack.members.last?.place != last { report("\(name) says something else than its last member") }
            } catch let failure as DecodingFailure {
                report("\(name) does not decode: \(failure)")
            }
            return true
        }
    }
}
