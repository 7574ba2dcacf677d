// error: declared closure result 'Int' is incompatible with return type 'Bool'
import Reprise

struct Fixture: Service {
    static let run = handler("run") { (ctx: ServiceContext) async throws -> Int in
        return try await ctx.object(Door.self, key: "front").call(Door.open, "me")
    }
    static let handlers: Handlers = [run]
}
