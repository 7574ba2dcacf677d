// error: type 'Mutable' does not conform to the 'Sendable' protocol
import Reprise

final class Mutable: Codable { var count = 0 }

struct Fixture: Service {
    static let run = handler("run") { (_: ServiceContext, input: Mutable) async throws -> Int in input.count }
    static let handlers: Handlers = [run]
}
