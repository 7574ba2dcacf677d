// error: requires that 'Door' conform to 'Service'
import Reprise

struct Fixture: Service {
    static let run = handler("run") { (ctx: ServiceContext) async throws -> Void in
        _ = ctx.service(Door.self)
    }
    static let handlers: Handlers = [run]
}
