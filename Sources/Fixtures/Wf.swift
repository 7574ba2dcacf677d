import Reprise

struct Wf: Workflow {
    static let handlers: Handlers = [run, unblock, isRunning]
    static let gate = PromiseKey<String>("gate")
    static let started = StateKey<Bool>("started")

    /// Waits for the promise, and answers with its input and that.
    static let run = workflow("run") { (ctx: WorkflowContext, input: String?) -> String in
        try await ctx.set(started, true)
        return "\(input ?? "") \(try await ctx.promise(gate).value())"
    }

    static let unblock = shared("unblock") { (ctx: SharedWorkflowContext, value: String) in
        try await ctx.promise(gate).resolve(value)
    }

    static let isRunning = shared("isRunning") { (ctx: SharedWorkflowContext) -> Bool in
        try await ctx.get(started) ?? false
    }
}
