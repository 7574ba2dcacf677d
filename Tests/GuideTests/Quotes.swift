import Reprise

// guide: begin
/// Several things at once: each `future` begins its work, and the waits say what is enough. Which of them was first is
/// journaled, so a replay decides alike.
struct Quotes: Service {
    static let price = handler("price") { (ctx: ServiceContext, dealer: String) -> Int in
        if dealer == "closed" { throw TerminalError("\(dealer) sells nothing", code: 410) }
        try await ctx.sleep(.milliseconds(dealer == "slow" ? 60_000 : 1))
        return dealer.count
    }

    /// Everybody's price; fails as soon as one of them fails.
    static let all = handler("all") { (ctx: ServiceContext, dealers: [String]) -> [Int] in
        try await DurableFuture.all(try await asked(dealers, ctx))
    }
    /// Whoever answers first without an error.
    static let any = handler("any") { (ctx: ServiceContext, dealers: [String]) -> Int in
        try await DurableFuture.any(try await asked(dealers, ctx))
    }
    /// Whoever ends first, error or not.
    static let first = handler("first") { (ctx: ServiceContext, dealers: [String]) -> Int in
        try await DurableFuture.race(try await asked(dealers, ctx))
    }
    /// What each of them said.
    static let survey = handler("survey") { (ctx: ServiceContext, dealers: [String]) -> [String] in
        try await DurableFuture.allSettled(try await asked(dealers, ctx)).map { result in
            switch result {
            case .success(let price): "\(price)"
            case .failure(let error): error.message
            }
        }
    }
    /// Futures of different types, and a time limit.
    static let both = handler("both") { (ctx: ServiceContext, dealer: String) -> String in
        let asked = try await ctx.service(Quotes.self).future(Quotes.price, dealer)
        let stock = try await ctx.runFuture("stock") { "3 left" }
        let (price, left) = try await ctx.all(asked, stock)
        return "\(price), \(left)"
    }
    static let soon = handler("soon") { (ctx: ServiceContext, dealer: String) -> Int in
        try await ctx.service(Quotes.self).future(Quotes.price, dealer).value(within: .milliseconds(50))
    }

    private static func asked(_ dealers: [String], _ ctx: ServiceContext) async throws -> [DurableFuture<Int>] {
        var futures: [DurableFuture<Int>] = []
        for dealer in dealers { futures.append(try await ctx.service(Quotes.self).future(Quotes.price, dealer)) }
        return futures
    }

    static let handlers: Handlers = [price, all, any, first, survey, both, soon]
}
// guide: end
