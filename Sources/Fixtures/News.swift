import Reprise

/// Counts, and publishes each count once it is kept.
struct News: VirtualObject {
    static let handlers: Handlers = [tell, flood, told]
    static let count = StateKey<Int>("count")
    static let topic: Topic = "news"
    static let otherTopic: Topic = "other"

    struct Item: Codable, Sendable {
        var key: String
        var count: Int
    }

    static let tell = exclusive("tell") { (ctx: ObjectContext) -> Int in
        let next = (try await ctx.get(count) ?? 0) + 1
        try await ctx.set(count, next)
        try ctx.publish(topic, Item(key: ctx.key, count: next))
        return next
    }

    /// Publishes so many texts of a thousand characters under another topic.
    static let flood = exclusive("flood") { (ctx: ObjectContext, amount: Int) in
        let text = String(repeating: "x", count: 1_000)
        for _ in 0..<amount { try ctx.publish(otherTopic, text) }
    }

    static let told = shared("told") { (ctx: SharedObjectContext) -> Int in try await ctx.get(count) ?? 0 }

    static let routes = [
        Route.get("/news") { _, _ in .events(topics: [topic]) },
        Route.get("/all-news") { _, _ in .events(topics: [topic, otherTopic]) },
    ]
}
