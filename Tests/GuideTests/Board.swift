import Reprise

// guide: begin
extension Topic {
    static let scores: Topic = "scores"
}

/// A score that people watch while it changes.
struct Board: VirtualObject {
    struct Score: Codable, Sendable {
        var board: String
        var points: Int
    }

    static let points = StateKey<Int>("points")

    static let add = exclusive("add") { (ctx: ObjectContext, more: Int) -> Int in
        let sum = (try await ctx.get(points) ?? 0) + more
        try await ctx.set(points, sum)
        // The new state, not the difference: who hears it twice, or missed the one before, knows the truth all the same.
        try ctx.publish(.scores, Score(board: ctx.key, points: sum))
        return sum
    }

    static let look = shared("look") { (ctx: SharedObjectContext) -> Int in try await ctx.get(points) ?? 0 }

    static let handlers: Handlers = [add, look]

    /// `new EventSource("/scores")` in a browser, `curl -N` in a terminal.
    static let routes = [Route.get("/scores") { _, _ in .events(topics: [.scores]) }]
}
// guide: end
