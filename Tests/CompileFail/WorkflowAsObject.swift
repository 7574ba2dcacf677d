// error: requires that 'Signup' conform to 'VirtualObject'
import Reprise

struct Signup: Workflow {
    static let run = workflow("run") { (ctx: WorkflowContext) async throws -> Void in }
    static let handlers: Handlers = [run]
}

struct Fixture: Service {
    static let run = handler("run") { (ctx: ServiceContext) async throws -> Void in
        try await ctx.object(Signup.self, key: "a").call(Signup.run)
    }
    static let handlers: Handlers = [run]
}
