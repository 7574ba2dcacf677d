// README: begin
import Reprise
import RepriseServer

/// The stock of one article; its key is the article's number.
struct Inventory: VirtualObject {
    static let count = StateKey<Int>("count")

    static let add = exclusive("add") { (ctx: ObjectContext, amount: Int) -> Int in
        let total = (try await ctx.get(count) ?? 0) + amount
        try await ctx.set(count, total)
        return total
    }
    static let take = exclusive("take") { (ctx: ObjectContext, amount: Int) -> Int in
        let left = (try await ctx.get(count) ?? 0) - amount
        if left < 0 { throw TerminalError("only \(left + amount) left", code: 409) }
        try await ctx.set(count, left)
        return left
    }
    static let look = shared("look") { (ctx: SharedObjectContext) -> Int in try await ctx.get(count) ?? 0 }

    static let handlers: Handlers = [add, take, look]
}

/// Takes an article, tells the warehouse, and asks for feedback a day later.
struct Orders: Service {
    struct Order: Codable, Sendable {
        var article: String
        var customer: String
    }

    static let place = handler("place") { (ctx: ServiceContext, order: Order) -> String in
        let article = ctx.object(Inventory.self, key: order.article)
        let left = try await article.call(Inventory.take, 1)
        let key = ctx.derivedKey("ship")
        // Executed at least once, its result recorded exactly once: give what it calls the same key every time.
        let parcel = try await ctx.run("ship", retry: RunRetryPolicy(maxAttempts: 5)) { "parcel-\(key.suffix(4))" }
        try await ctx.service(Orders.self).send(Orders.askForFeedback, order.customer, after: .seconds(86_400))
        return "\(parcel), \(left) left"
    }
    static let askForFeedback = handler("askForFeedback") { (ctx: ServiceContext, customer: String) in
        ctx.logger.info("how was it, \(customer)?")
    }

    static let handlers: Handlers = [place, askForFeedback]
}

/// An HTTP route of your own beside the services.
let stock = Route.get("/stock/{article}") { request, client in
    let article = client.object(Inventory.self, key: request.parameter("article"))
    return try .json(["left": try await article.call(Inventory.look)])
}

func makeServer(_ configuration: ServerConfiguration) throws -> RepriseServer {
    try RepriseServer(services: [Inventory(), Orders()], routes: [stock], configuration: configuration)
}
// README: end
