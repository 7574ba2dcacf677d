// error: cannot convert value of type 'Int' to expected argument type 'String'
import Reprise

struct Fixture: Service {
    static let run = handler("run") { (ctx: ServiceContext) async throws -> Bool in
        let number: Int = 5
        return try await ctx.object(Door.self, key: "front").call(Door.open, number)
    }
    static let handlers: Handlers = [run]
}
