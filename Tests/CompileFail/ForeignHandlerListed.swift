// error: to expected element type 'any HandlerDefinition<Fixture>'
import Reprise

struct Fixture: VirtualObject {
    static let handlers: Handlers = [Door.open]
}
