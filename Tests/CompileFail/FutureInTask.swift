// error: risks causing data races
import Reprise

struct Fixture: Service {
    static let run = handler("run") { (ctx: ServiceContext) async throws -> Void in
        let future = try await ctx.runFuture("a") { 1 }
        Task { try await future.value() }
        _ = try await ctx.now()
    }
    static let handlers: Handlers = [run]
}
