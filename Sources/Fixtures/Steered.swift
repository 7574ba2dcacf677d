import Reprise

/// Undoes what it did when it is cancelled, and says so in the object that it was told to use.
struct Undo: Service {
    static let handlers: Handlers = [hold]

    static let hold = handler("hold") { (ctx: ServiceContext, key: String) -> String in
        let counter = ctx.object(Counter.self, key: key)
        return try await ctx.saga { saga in
            saga.compensate { _ = try await counter.call(Counter.add, -1) }
            _ = try await counter.call(Counter.add, 1)
            return try await ctx.service(Slow.self).call(Slow.sleep, Slow.Order(ms: 3_600_000))
        }
    }
}

/// Calls another knot, or itself.
struct Knot: VirtualObject {
    static let handlers: Handlers = [tie, end]

    static let tie = exclusive("tie", Knot.call)
    static let end = exclusive("end") { (_: ObjectContext) -> String in "loose" }

    struct Order: Codable, Sendable {
        /// Keys to call one after the other: the last call is of `end`.
        var path: [String]
    }

    func call(_ ctx: ObjectContext, _ order: Order) async throws -> String {
        guard let next = order.path.first else { return "loose" }
        let rest = Array(order.path.dropFirst())
        let knot = ctx.object(Knot.self, key: next)
        if rest.isEmpty { return try await knot.call(Knot.end) }
        return try await knot.call(Knot.tie, Order(path: rest))
    }
}

/// Work of a size that the caller chooses.
struct Bulk: Service {
    static let handlers: Handlers = [fanOut, steps, one]

    struct Steps: Codable, Sendable {
        var count: Int
        /// Then it sleeps for so long, and counts again.
        var sleepMs: Int
    }

    static let one = handler("one") { (_: ServiceContext, number: Int) -> Int in number }

    /// Calls `one` so often, all at once, and adds up.
    static let fanOut = handler("fanOut") { (ctx: ServiceContext, count: Int) -> Int in
        var futures: [DurableFuture<Int>] = []
        for number in 0..<count { futures.append(try await ctx.service(Bulk.self).future(Bulk.one, number)) }
        return try await DurableFuture.all(futures).reduce(0, +)
    }

    static let steps = handler("steps") { (ctx: ServiceContext, order: Steps) -> Int in
        for _ in 0..<order.count { _ = try await ctx.now() }
        try await ctx.sleep(.milliseconds(order.sleepMs))
        return order.count
    }
}
