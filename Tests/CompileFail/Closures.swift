// compiles
import Reprise

struct Fixture: VirtualObject {
    static let count = StateKey<Int>("count")

    static let add = exclusive("add") { (ctx: ObjectContext, amount: Int) async throws -> Int in
        let sum = (try await ctx.get(count) ?? 0) + amount + (try await ctx.run("a") { try await outside() })
        try await ctx.set(count, sum)
        ctx.logger.info("now \(sum)")
        return sum
    }
    static let short = shared("short") { ctx in try await ctx.get(count) }
    static let optional = exclusive("optional") { (ctx: ObjectContext, amount: Int?) in
        if amount == nil { try await ctx.clearAll() }
    }
    static let strict = exclusive("strict", body: .noInput) { (ctx: ObjectContext) in try await ctx.clear(count) }
    static let raw = shared("raw") { (_: SharedObjectContext, bytes: RawBytes) async throws -> RawBytes in bytes }
    static let hidden = exclusive("hidden", options: HandlerOptions(isPrivate: true)) { (_: ObjectContext) in }

    static let handlers: Handlers = [add, short, optional, strict, raw, hidden]
}
