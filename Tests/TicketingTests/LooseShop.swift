import Reprise

@testable import Ticketing

/// The shop on the naive engine, whose messages can be held back and delivered in any order.
typealias LooseShop = TicketShop<MemoryRuntime>

extension TicketShop<MemoryRuntime> {
    init(holdMs: Int64 = 900_000) throws {
        try self.init(holdMs: holdMs) { try MemoryRuntime($0) }
    }
}
