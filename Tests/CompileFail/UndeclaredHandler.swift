// error: type 'Door' has no member 'slam'
import Reprise

struct Fixture: Service {
    static let run = handler("run") { (ctx: ServiceContext) async throws -> Void in
        try await ctx.object(Door.self, key: "front").send(Door.slam)
    }
    static let handlers: Handlers = [run]
}
