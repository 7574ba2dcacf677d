// error: value of type 'ObjectContext' has no member 'promise'
import Reprise

struct Fixture: VirtualObject {
    static let done = PromiseKey<Int>("done")
    static let run = exclusive("run") { (ctx: ObjectContext) async throws -> Int in
        try await ctx.promise(done).value()
    }
    static let handlers: Handlers = [run]
}
