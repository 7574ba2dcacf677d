import Reprise

/// Where lines go that are said at once: those of gateways, mailers and routes, which are outside of the journal.
public struct TicketingLog: Sendable {
    /// Says one line, at once, from any task.
    public let write: @Sendable (String) -> Void

    public init(_ write: @escaping @Sendable (String) -> Void) { self.write = write }

    /// The process's log, as `ticketing`.
    public static let standard: TicketingLog = {
        let logger = Logger(label: "ticketing")
        return TicketingLog { logger.info("\($0)") }
    }()
}
