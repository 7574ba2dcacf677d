import Reprise

// guide: begin
/// The sign-up of one user; its key is the user's id. `run` is executed once per key.
struct Signup: Workflow {
    static let status = StateKey<String>("status")
    static let clicked = PromiseKey<String>("clicked")

    static let run = workflow("run") { (ctx: WorkflowContext, email: String) -> Bool in
        let secret = ctx.uuid()
        try await ctx.run("send mail") { outbox.send("confirm with \(secret)", to: email) }
        try await ctx.set(status, "waiting for the click")
        do {
            // Days may pass and servers may come and go: the wait costs nothing.
            let answer = try await ctx.promise(clicked).future().value(within: .seconds(86_400))
            try await ctx.set(status, answer == secret ? "confirmed" : "wrong secret")
            return answer == secret
        } catch let error as TerminalError where error.code == 408 {
            try await ctx.set(status, "too late")
            return false
        }
    }

    /// Any number of these run before, during and after the run.
    static let click = shared("click") { (ctx: SharedWorkflowContext, secret: String) in
        try await ctx.promise(clicked).resolve(secret)
    }
    static let look = shared("look") { (ctx: SharedWorkflowContext) -> String in
        try await ctx.get(status) ?? "not begun"
    }

    static let handlers: Handlers = [run, click, look]
}
// guide: end
