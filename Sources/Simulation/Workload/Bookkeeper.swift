import Reprise

/// Transactional steps: rows that are there exactly once.
struct Bookkeeper: Service {
    static let enter = handler("enter", options: WorkloadOptions.brief, Bookkeeper.enterAll)
    static let handlers: Handlers = [enter]

    /// Finds every row.
    static let everything = "SELECT entry FROM books_ledger ORDER BY entry"

    let hands: Hands

    var serviceTables: ServiceTables? {
        ServiceTables(
            namespace: "books",
            migrations: [.init("ledger", sql: "CREATE TABLE books_ledger (entry TEXT NOT NULL)")])
    }

    private func enterAll(_ ctx: ServiceContext, _ count: Int) async throws -> Int {
        var changes = 0
        for number in 0..<count {
            let row = "\(ctx.derivedKey("entry"))-\(number)"
            let result = try await ctx.transaction(
                "enter \(number)",
                SQLStatement("INSERT INTO books_ledger (entry) VALUES (?)", .text(row)))
            changes += result.changes
            try await hands.stumble(ctx.invocationID)
        }
        return changes
    }
}
