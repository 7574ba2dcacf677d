// error: value of type 'SharedWorkflowContext' has no member 'set'
import Reprise

struct Fixture: Workflow {
    static let run = workflow("run") { (ctx: WorkflowContext) async throws -> Void in }
    static let look = shared("look") { (ctx: SharedWorkflowContext) async throws -> Void in
        try await ctx.set(StateKey<Int>("n"), 1)
    }
    static let handlers: Handlers = [run, look]
}
