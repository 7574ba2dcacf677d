// error: risks causing data races
import Reprise

struct Fixture: Service {
    static let run = handler("run") { (ctx: ServiceContext) async throws -> Int in
        try await withThrowingTaskGroup(of: Int.self) { group in
            group.addTask { try await ctx.run("a") { 1 } }
            group.addTask { try await ctx.run("b") { 2 } }
            return try await group.reduce(0, +)
        }
    }
    static let handlers: Handlers = [run]
}
