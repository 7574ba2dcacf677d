// error: 'Handler<Door, String, Bool>' to expected argument type 'Handler<Door, Void, Bool>'
import Reprise

struct Fixture: Service {
    static let run = handler("run") { (ctx: ServiceContext) async throws -> Bool in
        return try await ctx.object(Door.self, key: "front").call(Door.open)
    }
    static let handlers: Handlers = [run]
}
