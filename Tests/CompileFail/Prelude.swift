// Compiled together with each fixture beside it.
import Reprise

struct Door: VirtualObject {
    static let state = StateKey<String>("state")

    static let open = exclusive("open") { (ctx: ObjectContext, by: String) async throws -> Bool in
        try await ctx.set(state, by)
        return true
    }
    static let look = shared("look") { (ctx: SharedObjectContext) async throws -> String? in try await ctx.get(state) }

    static let handlers: Handlers = [open, look]
}

struct House: VirtualObject {
    static let enter = exclusive("enter") { (_: ObjectContext) in }
    static let handlers: Handlers = [enter]
}

func outside() async throws -> Int { 1 }
