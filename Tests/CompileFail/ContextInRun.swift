// error: capture of 'ctx' with non-Sendable type 'ServiceContext' in a '@Sendable' closure
import Reprise

struct Fixture: Service {
    static let run = handler("run") { (ctx: ServiceContext) async throws -> Int in
        try await ctx.run("a") { try await ctx.run("b") { 1 } }
    }
    static let handlers: Handlers = [run]
}
