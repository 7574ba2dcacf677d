import Reprise

/// Several things at once: every way to wait for them.
struct Chorus: Service {
    static let settle = handler("settle", options: WorkloadOptions.brief, Chorus.waitForAllHowever)
    static let hurry = handler("hurry", options: WorkloadOptions.brief, Chorus.waitForFirst)
    static let pick = handler("pick", options: WorkloadOptions.brief, Chorus.waitForSuccess)

    static let handlers: Handlers = [settle, hurry, pick]

    let hands: Hands

    /// "from to amount": both at once, each may fail.
    private func waitForAllHowever(_ ctx: ServiceContext, _ order: String) async throws -> String {
        let words = order.split(separator: " ").map(String.init)
        guard words.count == 3, let amount = Int(words[2]) else { throw TerminalError("no order", code: 400) }
        let withdrawal = try await ctx.object(Account.self, key: words[0]).future(Account.withdraw, amount)
        let deposit = try await ctx.object(Account.self, key: words[1]).future(Account.deposit, amount)
        try await hands.stumble(ctx.invocationID)
        let results = try await DurableFuture.allSettled([withdrawal, deposit])
        return results.map { result in (try? result.get()).map { "\($0)" } ?? "no" }.joined(separator: " ")
    }

    /// "ms ms": who is first, and what the second one gives within a while.
    private func waitForFirst(_ ctx: ServiceContext, _ pair: String) async throws -> String {
        let durations = pair.split(separator: " ").compactMap { Int($0) }
        guard durations.count == 2 else { throw TerminalError("no pair", code: 400) }
        let a = try await ctx.service(Errand.self).future(Errand.pace, durations[0])
        let b = try await ctx.service(Errand.self).future(Errand.pace, durations[1])
        let first = try await DurableFuture.race([a.map { "a " + $0 }, b.map { "b " + $0 }])
        try await hands.stumble(ctx.invocationID)
        do {
            return "\(first) \(try await b.value(within: .milliseconds(150)))"
        } catch let error as TerminalError where error.code == 408 {
            return "\(first) late"
        }
    }

    /// "from to": more than there ever is from one, and a look at the other.
    private func waitForSuccess(_ ctx: ServiceContext, _ pair: String) async throws -> String {
        let words = pair.split(separator: " ").map(String.init)
        guard words.count == 2 else { throw TerminalError("no pair", code: 400) }
        let fails = try await ctx.object(Account.self, key: words[0]).future(Account.withdraw, 1_000_000)
        let gives = try await ctx.object(Account.self, key: words[1]).future(Account.balance)
        let any = try await DurableFuture.any([fails, gives])
        var all = "all"
        do {
            _ = try await DurableFuture.all([fails, gives])
        } catch let error as TerminalError where error.message == "insufficient funds" {
            all = "short"
        }
        let timer = try await ctx.timer(.milliseconds(20))
        let (again, _) = try await ctx.all(gives, timer)
        return "\(any) \(all) \(again)"
    }
}
