import Reprise

// guide: begin
/// A till: each sale is in the book once, and the book agrees with the stock.
struct Till: VirtualObject {
    struct Sale: Codable, Sendable {
        var article: String
        var count: Int64
    }

    /// Made when the server starts, in its own data file. All names begin with `till_`.
    let serviceTables: ServiceTables? = ServiceTables(
        namespace: "till",
        migrations: [
            .init(
                "1: book and stock",
                sql: """
                    CREATE TABLE till_book (till TEXT, article TEXT, count INTEGER) STRICT;
                    CREATE TABLE till_stock (article TEXT PRIMARY KEY, count INTEGER CHECK (count >= 0)) STRICT;
                    INSERT INTO till_stock VALUES ('tea', 10);
                    """)
        ])

    static let sell = exclusive("sell") { (ctx: ObjectContext, sale: Sale) -> Int64? in
        let (article, count) = (SQLValue.text(sale.article), SQLValue.integer(sale.count))
        // Both changes and the journal entry of this step, or none of them. Asked for more than there is, the second
        // statement fails, and asking again would not help.
        let result = try await ctx.transaction(
            "sell", retry: RunRetryPolicy(maxAttempts: 1),
            SQLStatement("INSERT INTO till_book VALUES (?, ?, ?)", .text(ctx.key), article, count),
            SQLStatement("UPDATE till_stock SET count = count - ? WHERE article = ? RETURNING count", count, article))

        // Another database: at least once. The key makes the second time harmless.
        let receipt = Receipt(id: ctx.derivedKey("receipt"), article: sale.article)
        try await ctx.run("receipt") { await receipts.insertOrReplace(receipt) }

        // No database at all: at least once, and the world has to live with it.
        try await ctx.run("bell") { await printer.print(1) }
        return result.rows.first?.first?.integer
    }

    static let sold = shared("sold") { (ctx: SharedObjectContext) -> Int64? in
        let sum = SQLStatement("SELECT total(count) FROM till_book WHERE till = ?", .text(ctx.key))
        return try await ctx.transaction("sum", sum).rows.first?.first?.real.map { Int64($0) }
    }

    static let handlers: Handlers = [sell, sold]
}
// guide: end
