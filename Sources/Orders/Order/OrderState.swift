/// What is known of an order: kept by its `OrderRecord`, written to the tables as it changes.
struct OrderState: Codable, Hashable, Sendable {
    struct Payment: Codable, Hashable, Sendable {
        var id: String
        var status: PaymentStatus
        var method: String
        var refundID: String?
    }

    var customerID: String
    var items: [OrderItem]
    var total: Money
    var profile: OrderProfile
    var status = OrderStatus.pending
    var payment: Payment?
    var shipment: ShipmentInfo?
    /// Somebody wants it cancelled: it goes no further, and is CANCELLED once everything is taken back.
    var isCancelling = false
    var createdMs: Int64
    var updatedMs: Int64

    init(_ draft: CreateOrderRequest, profile: OrderProfile, nowMs: Int64) {
        customerID = draft.customerID
        items = draft.items
        total = draft.total
        self.profile = profile
        createdMs = nowMs
        updatedMs = nowMs
    }

    func row(id: String) -> OrderRow {
        OrderRow(
            id: id, customerID: customerID, status: status, total: total, paymentID: payment?.id,
            shipmentID: shipment?.shipmentID, trackingNumber: shipment?.trackingNumber, items: items,
            createdMs: createdMs, updatedMs: updatedMs)
    }

    func reply(id: String) -> OrderReply {
        OrderReply(
            order: OrderReply.Order(id: id, customerID: customerID, items: items, status: status),
            paymentInfo: payment.map {
                OrderReply.PaymentInfo(
                    paymentID: $0.id, status: $0.status, amount: total.dollars, paymentMethod: $0.method)
            },
            shipmentInfo: shipment)
    }
}
