/// The tables for people and reports. They follow the state of the engine: every write is idempotent, moves a status
/// forward only, and makes a missing row.
package protocol OrderTables: Sendable {
    /// - Throws: when the row may not be written; write it again.
    func save(_ order: OrderRow) async throws
    func save(_ payment: PaymentRow) async throws
    func save(_ shipment: ShipmentRow) async throws
    /// Orders by their last change, newest first.
    ///
    /// - Parameter after: the last one of the page before.
    func orders(customerID: String?, after: OrderListing.Position?, limit: Int) async throws -> [OrderListing]
}

/// A row of `orders`, with its rows of `order_items`.
package struct OrderRow: Hashable, Sendable {
    var id: String
    var customerID: String
    var status: OrderStatus
    var total: Money
    var paymentID: String?
    var shipmentID: String?
    var trackingNumber: String?
    var items: [OrderItem]
    var createdMs: Int64
    var updatedMs: Int64
}

/// A row of `payments`.
package struct PaymentRow: Hashable, Sendable {
    var id: String
    var orderID: String
    var amount: Money
    /// nil: as it is.
    var method: String?
    var status: PaymentStatus
    var updatedMs: Int64
}

/// A row of `shipments`.
package struct ShipmentRow: Hashable, Sendable {
    var orderID: String
    var serviceType: String
    var info: ShipmentInfo
    var updatedMs: Int64
}

/// An order in a list, joined with its payment.
package struct OrderListing: Hashable, Sendable {
    package struct Position: Hashable, Sendable {
        /// As the table has it.
        var updatedAt: String
        var id: String
    }

    var id: String
    var customerID: String
    var status: String
    var totalAmount: Double
    var paymentID: String?
    var paymentStatus: String?
    var updatedAt: String
    var items: [OrderItem]

    var position: Position { Position(updatedAt: updatedAt, id: id) }
}
