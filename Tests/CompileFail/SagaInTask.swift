// error: risks causing data races
import Reprise

struct Fixture: Service {
    static let run = handler("run") { (ctx: ServiceContext) async throws -> Void in
        try await ctx.saga { saga in
            Task { saga.commit() }
            saga.commit()
        }
    }
    static let handlers: Handlers = [run]
}
