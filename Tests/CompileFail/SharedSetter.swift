// error: value of type 'SharedObjectContext' has no member 'set'
import Reprise

struct Fixture: VirtualObject {
    static let run = shared("run") { (ctx: SharedObjectContext) async throws -> Int in
        try await ctx.set(StateKey<Int>("n"), 1)
        return 1
    }
    static let handlers: Handlers = [run]
}
