import Reprise

struct Counter: VirtualObject {
    static let handlers: Handlers = [add, get, block, blockedOn, key]
    static let total = StateKey<Int>("total")
    static let blocker = StateKey<String>("blocker")

    static let add = exclusive("add") { (ctx: ObjectContext, amount: Int) -> Int in
        let sum = (try await ctx.get(total) ?? 0) + amount
        try await ctx.set(total, sum)
        return sum
    }

    static let get = shared("get") { (ctx: SharedObjectContext) -> Int in try await ctx.get(total) ?? 0 }

    /// Keeps the object to itself until its awakeable is completed, whose id `blockedOn` tells.
    static let block = exclusive("block") { (ctx: ObjectContext) -> String in
        let awakeable = try await ctx.awakeable(of: String.self)
        try await ctx.set(blocker, awakeable.id)
        return try await awakeable.value()
    }

    static let blockedOn = shared("blockedOn") { (ctx: SharedObjectContext) -> String? in try await ctx.get(blocker) }

    /// The key as the handler sees it.
    static let key = shared("key") { (ctx: SharedObjectContext) -> String in ctx.key }
}

/// Waits for an awakeable whose id it keeps where others can read it.
struct Awk: VirtualObject {
    static let handlers: Handlers = [run, id]
    static let awakeableID = StateKey<String>("id")

    static let run = exclusive("run") { (ctx: ObjectContext) -> String in
        let awakeable = try await ctx.awakeable(of: String.self)
        try await ctx.set(awakeableID, awakeable.id)
        return try await awakeable.value()
    }

    static let id = shared("id") { (ctx: SharedObjectContext) -> String? in try await ctx.get(awakeableID) }
}
