// error: risks causing data races
import Reprise

struct Fixture: Service {
    static let run = handler("run") { (ctx: ServiceContext) in
        Task { try await ctx.run("a") { 1 } }
    }
    static let handlers: Handlers = [run]
}
