// error: risks causing data races
import Reprise

struct Fixture: Service {
    static let run = handler("run", Fixture.work)
    static let handlers: Handlers = [run]

    func work(_ ctx: ServiceContext) async throws {
        let task = Task { try await ctx.now() }
        _ = try await task.value
    }
}
