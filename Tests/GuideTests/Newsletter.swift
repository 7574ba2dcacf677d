import Reprise

// guide: begin
/// A handler whose code was changed while invocations of it were under way.
struct Newsletter: VirtualObject {
    static let subscribe = exclusive("subscribe") { (ctx: ObjectContext, email: String) -> String in
        // Those who passed here before the change go on without the check, in every replay.
        if try await ctx.patched("check the address") {
            let isValid = try await ctx.run("check") { email.contains("@") }
            if !isValid { throw TerminalError("'\(email)' is no address", code: 400) }
        }
        try await ctx.run("welcome") { outbox.send("welcome", to: email) }
        return "subscribed"
    }

    static let handlers: Handlers = [subscribe]
}
// guide: end
