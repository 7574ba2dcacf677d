// error: 'Handler<House, Void, Void>' to expected argument type 'Handler<Door, Void, Void>'
import Reprise

struct Fixture: Service {
    static let run = handler("run") { (ctx: ServiceContext) async throws -> Void in
        try await ctx.object(Door.self, key: "front").call(House.enter)
    }
    static let handlers: Handlers = [run]
}
