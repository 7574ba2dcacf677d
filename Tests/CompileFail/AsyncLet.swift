// error: sending 'ctx' risks causing data races
import Reprise

struct Fixture: Service {
    static let run = handler("run") { (ctx: ServiceContext) async throws -> Int in
        async let first = ctx.run("a") { 1 }
        let second = try await ctx.run("b") { 2 }
        return try await first + second
    }
    static let handlers: Handlers = [run]
}
