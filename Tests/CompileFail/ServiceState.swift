// error: value of type 'ServiceContext' has no member 'get'
import Reprise

struct Fixture: Service {
    static let run = handler("run") { (ctx: ServiceContext) async throws -> Int in
        try await ctx.get(StateKey<Int>("n")) ?? 1
    }
    static let handlers: Handlers = [run]
}
