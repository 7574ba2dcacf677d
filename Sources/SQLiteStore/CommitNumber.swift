import GRDB

/// The row of `meta` that every transaction writes: its own number, counted from the first one on this data directory.
/// The page it lies on is written by every commit anyway, for the engine's clock.
enum CommitNumber {
    static let key: StaticString = "commits"

    /// 0 before the first one.
    static func read(_ db: Database) throws -> Int64 {
        let statement = try PreparedStatement("SELECT value FROM meta WHERE key = ?", on: db)
        statement.bind(key)
        return try statement.row { $0.int64(0) } ?? 0
    }
}
