import Reprise

/// Output of `POST /api/checkout`. There is no provider of invoices, so there is no link to one.
struct CheckoutReply: Encodable {
    var orderID: String

    private enum CodingKeys: String, CodingKey { case order_id, orderId, invoice_url, invoiceLink }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(orderID, forKey: .order_id)
        try container.encode(orderID, forKey: .orderId)
        try container.encodeNil(forKey: .invoice_url)
        try container.encodeNil(forKey: .invoiceLink)
    }
}

/// Output of `GET /api/orders`.
struct OrderList: Encodable {
    /// Absent fields are null: clients find all of them.
    struct Order: Encodable {
        let listing: OrderListing

        private struct Item: Encodable {
            var product_id: String
            var name: String
            var quantity: Int
            var unit_price: Double
        }

        private enum CodingKeys: String, CodingKey {
            case id, customer_id, status, total_amount, payment_id, payment_status, invoice_url, updated_at, items
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(listing.id, forKey: .id)
            try container.encode(listing.customerID, forKey: .customer_id)
            try container.encode(listing.status, forKey: .status)
            try container.encode(listing.totalAmount, forKey: .total_amount)
            try container.encode(listing.paymentID, forKey: .payment_id)
            try container.encode(listing.paymentStatus, forKey: .payment_status)
            try container.encodeNil(forKey: .invoice_url)
            try container.encode(
                listing.updatedAt.replacing(" ", with: "T") + "Z", forKey: .updated_at)
            try container.encode(
                listing.items.map {
                    Item(
                        product_id: $0.productID, name: $0.productID, quantity: $0.quantity,
                        unit_price: OrderItem.unitPrice.dollars)
                }, forKey: .items)
        }
    }

    var orders: [Order]
    /// nil on the last page.
    var nextPageToken: String?

    enum CodingKeys: String, CodingKey {
        case orders
        case nextPageToken = "next_page_token"
    }
}

/// Output of `GET /api/orders/{id}`.
struct OrderDetail: Encodable {
    struct Order: Encodable {
        var id: String
        var state: OrderState

        private enum CodingKeys: String, CodingKey {
            case id, customer_id, status, total_amount, payment_id, shipment_id, tracking_number, updated_at
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(id, forKey: .id)
            try container.encode(state.customerID, forKey: .customer_id)
            try container.encode(state.status, forKey: .status)
            try container.encode(state.total.dollars, forKey: .total_amount)
            try container.encode(state.payment?.id, forKey: .payment_id)
            try container.encode(state.shipment?.shipmentID, forKey: .shipment_id)
            try container.encode(state.shipment?.trackingNumber, forKey: .tracking_number)
            try container.encode(UTCText.forJSON(state.updatedMs), forKey: .updated_at)
        }
    }

    struct Payment: Encodable {
        var status: PaymentStatus?

        private enum CodingKeys: String, CodingKey { case status, invoice_url }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(status, forKey: .status)
            try container.encodeNil(forKey: .invoice_url)
        }
    }

    var order: Order
    var payment: Payment

    init(id: String, _ state: OrderState) {
        order = Order(id: id, state: state)
        payment = Payment(status: state.payment?.status)
    }
}
