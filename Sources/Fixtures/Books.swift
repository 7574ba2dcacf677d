import Reprise
import Serving

/// Transactional steps on a table of its own.
struct Books: Service {
    struct Work: Codable, Sendable {
        struct Statement: Codable, Sendable {
            var sql: String
            var values: [SQLValue]?
        }

        var statements: [Statement]
        /// nil: by the invocation's policy.
        var attempts: Int?
    }

    static let append = handler("append") { (ctx: ServiceContext, text: String) -> Int64? in
        try await ctx.run("before") {}
        let result = try await ctx.transaction(
            "append", SQLStatement("INSERT INTO books_entry (text) VALUES (?) RETURNING number", .text(text)))
        try await ctx.run("after") {}
        return result.rows.first?.first?.integer
    }

    /// Whatever the caller wants executed.
    static let execute = handler("execute") { (ctx: ServiceContext, work: Work) -> SQLResult in
        let retry = work.attempts.map { RunRetryPolicy(initialDelay: .milliseconds(20), maxAttempts: $0) }
        return try await ctx.transaction(
            "execute", retry: retry,
            statements: work.statements.map { SQLStatement($0.sql, values: $0.values ?? []) })
    }

    /// Two steps at a time; which one was first is the same in every replay.
    static let race = handler("race") { (ctx: ServiceContext, texts: [String]) -> [Int64] in
        var futures: [DurableFuture<Int64>] = []
        for text in texts {
            let insert = SQLStatement("INSERT INTO books_entry (text) VALUES (?) RETURNING number", .text(text))
            futures.append(
                try await ctx.transactionFuture("enter \(text)", statements: [insert])
                    .map { $0.rows.first?.first?.integer ?? -1 })
        }
        let first = try await DurableFuture.race(futures)
        try await ctx.run("note") {}
        return [first] + (try await DurableFuture.all(futures))
    }

    static let handlers: Handlers = [append, execute, race]

    var serviceTables: ServiceTables? {
        let type = Environment.value("REPRISE_BOOKS_ALTERED") == "1" ? "ANY" : "TEXT"
        return ServiceTables(
            namespace: "books",
            migrations: [
                .init(
                    "1: entries",
                    sql: "CREATE TABLE books_entry (number INTEGER PRIMARY KEY, text \(type)) STRICT")
            ])
    }
}

/// A service that has no tables and wants some.
struct Bookless: Service {
    static let count = handler("count") { (ctx: ServiceContext) -> SQLResult in
        try await ctx.transaction("count", "SELECT count(*) FROM books_entry")
    }
    static let handlers: Handlers = [count]
}
