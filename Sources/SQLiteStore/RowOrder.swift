import GRDB

/// A table whose rows are in the order of serial, time of acceptance and time of expiry at once. It needs no index: the
/// first to expire come first, and an id, which begins with the time of acceptance, is found by bisection.
struct RowOrder {
    /// What a row says of its place, or of that of its last member.
    struct Place: Equatable {
        var serial: Int64
        var createdAtMs: Int64
        var expiresAtMs: Int64

        /// Whether the order allows this one behind that one.
        func follows(_ last: Place?) -> Bool {
            guard let last else { return true }
            return last.serial < serial && last.createdAtMs <= createdAtMs && last.expiresAtMs <= expiresAtMs
        }
    }

    var table: String
    /// The columns.
    var serial: String
    var timeMs: String

    /// The serial of the first row of that time or a later one.
    func first(fromMs acceptedAtMs: Int64, _ db: Database) throws -> Int64? {
        guard let last = try end("DESC", db), acceptedAtMs <= last.timeMs, let first = try end("ASC", db) else {
            return nil
        }
        if acceptedAtMs <= first.timeMs { return first.serial }
        let next = try PreparedStatement(
            cached: "SELECT \(serial), \(timeMs) FROM \(table) WHERE \(serial) >= ? ORDER BY \(serial) LIMIT 1", on: db)
        var (low, high) = (first.serial, last.serial)
        while low < high {
            let middle = low + (high - low) / 2
            next.bind(middle)
            guard let row = try next.row({ (serial: $0.int64(0), timeMs: $0.int64(1)) }) else { return nil }
            if row.timeMs >= acceptedAtMs { high = middle } else { low = row.serial + 1 }
        }
        return low
    }

    private func end(_ direction: String, _ db: Database) throws -> (serial: Int64, timeMs: Int64)? {
        try PreparedStatement(
            cached: "SELECT \(serial), \(timeMs) FROM \(table) ORDER BY \(serial) \(direction) LIMIT 1", on: db
        ).row { (serial: $0.int64(0), timeMs: $0.int64(1)) }
    }
}

/// The place of the last row that was ever written to such a table; it need not be there any more. Used only inside
/// accesses of the writing connection.
final class LastPlace {
    private let read: PreparedStatement
    private var isKnown = false
    private var place: RowOrder.Place?

    /// - Parameter columns: Serial, time of acceptance, time of expiry.
    init(_ columns: String, of table: String, _ db: Database) throws {
        read = try PreparedStatement("SELECT \(columns) FROM \(table) ORDER BY 1 DESC LIMIT 1", on: db)
    }

    /// nil while there is none.
    func value() throws -> RowOrder.Place? {
        if !isKnown {
            place = try read.row {
                RowOrder.Place(serial: $0.int64(0), createdAtMs: $0.int64(1), expiresAtMs: $0.int64(2))
            }
            isKnown = true
        }
        return place
    }

    func move(to place: RowOrder.Place) { self.place = place }

    /// What was written since the last commit is not there.
    func rolledBack() { isKnown = false }
}
