import Reprise

/// Where lines go that are said at once: those of gateways, databases and attempts, which are outside of the journal.
package struct OrdersLog: Sendable {
    let write: @Sendable (String) -> Void

    package init(_ write: @escaping @Sendable (String) -> Void) { self.write = write }

    /// The process's log.
    static let standard: OrdersLog = {
        let logger = Logger(label: "orders")
        return OrdersLog { logger.info("\($0)") }
    }()
}
