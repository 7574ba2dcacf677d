import Reprise

// guide: begin
/// A bank account; its key is the account's number. Exclusive handlers of one account run one at a time.
struct Account: VirtualObject {
    static let balance = StateKey<Int>("balance")

    static let deposit = exclusive("deposit") { (ctx: ObjectContext, cents: Int) -> Int in
        let sum = (try await ctx.get(balance) ?? 0) + cents
        try await ctx.set(balance, sum)
        return sum
    }
    static let withdraw = exclusive("withdraw") { (ctx: ObjectContext, cents: Int) -> Int in
        let rest = (try await ctx.get(balance) ?? 0) - cents
        if rest < 0 { throw TerminalError("not enough money", code: 409) }
        try await ctx.set(balance, rest)
        return rest
    }
    /// Runs beside the exclusive handler; a `SharedObjectContext` has no `set`.
    static let look = shared("look") { (ctx: SharedObjectContext) -> Int in try await ctx.get(balance) ?? 0 }

    static let handlers: Handlers = [deposit, withdraw, look]
}
// guide: end
