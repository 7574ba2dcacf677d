import DurableModel
import GRDB

/// The rows of `journal`.
enum JournalRows {
    /// The entries of one invocation in order. Throws a `DecodingFailure` when one is damaged or missing.
    static func read(of serial: InvocationSerial, atMost limit: Int = .max, _ db: Database) throws -> [JournalEntry] {
        let statement = try PreparedStatement(
            cached: "SELECT idx, command, detail, completion FROM journal WHERE serial = ? ORDER BY idx LIMIT ?",
            on: db)
        statement.bind(serial.rawValue)
        statement.bind(limit)
        var entries: [JournalEntry] = []
        try statement.rows { row in
            guard row.int(0) == entries.count else {
                throw DecodingFailure("journal entry \(entries.count) is missing")
            }
            entries.append(
                try InvocationColumns.decoding("journal entry \(entries.count)") {
                    try entry(row)
                })
            return true
        }
        return entries
    }

    /// `row` holds index, command, detail and completion.
    static func entry(_ row: RowReader) throws -> JournalEntry {
        var entry = JournalEntry(
            try StoredForm.value(of: row.blob(1)) { try $0.command() })
        if let detail = row.optionalBlob(2) {
            entry.detail = try StoredForm.value(of: detail) { try $0.detail() }
        }
        if let completion = row.optionalBlob(3) {
            let ranked = try StoredForm.value(of: completion) { try $0.rankedCompletion() }
            entry.completion = ranked.completion
            entry.completionRank = ranked.rank
        }
        return entry
    }
}
