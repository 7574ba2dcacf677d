// error: capture of 'logger' with non-Sendable type 'HandlerLogger' in a '@Sendable' closure
import Reprise

struct Fixture: Service {
    static let run = handler("run") { (ctx: ServiceContext) async throws -> Void in
        let logger = ctx.logger
        try await ctx.run("a") { logger.info("said twice") }
    }
    static let handlers: Handlers = [run]
}
