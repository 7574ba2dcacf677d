import Reprise

/// One line of an order.
struct OrderItem: Codable, Hashable, Sendable {
    var productID: String
    var quantity: Int

    /// Every product costs the same.
    static let unitPrice = Money(cents: 1_000)

    init(productID: String, quantity: Int) {
        self.productID = productID
        self.quantity = quantity
    }

    enum CodingKeys: String, CodingKey {
        case productID = "product_id"
        case quantity
    }

    init(from decoder: any Decoder) throws {
        let fields = try Fields(decoder)
        productID = try fields.required("product_id")
        quantity = try fields.required("quantity")
    }
}

/// Input of `CreateOrder`.
struct CreateOrderRequest: Codable, Hashable, Sendable, ValidatedInput {
    var customerID: String
    var items: [OrderItem]
    /// nil: the card that everybody has.
    var paymentMethod: PaymentMethod?

    private static let maxItems = 1_000
    private static let maxQuantity = 1_000_000

    init(customerID: String, items: [OrderItem], paymentMethod: PaymentMethod? = nil) {
        self.customerID = customerID
        self.items = items
        self.paymentMethod = paymentMethod
    }

    enum CodingKeys: String, CodingKey {
        case customerID = "customer_id"
        case items
        case paymentMethod = "payment_method"
    }

    init(from decoder: any Decoder) throws {
        let fields = try Fields(decoder)
        customerID = try fields.required("customer_id")
        items = try fields.required("items")
        paymentMethod = try fields.optional("payment_method")
    }

    var total: Money { Money(cents: items.reduce(0) { $0 + Int64($1.quantity) * OrderItem.unitPrice.cents }) }

    var problem: String? {
        if customerID.isEmpty { return "customer_id must not be empty" }
        if items.isEmpty { return "items must not be empty" }
        if items.count > Self.maxItems { return "more than \(Self.maxItems) items" }
        if items.contains(where: { $0.productID.isEmpty }) { return "product_id must not be empty" }
        if items.contains(where: { !(1...Self.maxQuantity).contains($0.quantity) }) {
            return "quantity must be from 1 to \(Self.maxQuantity)"
        }
        return total.cents > Money.max.cents ? "the order is too expensive" : nil
    }
}

/// Output of `CreateOrder`.
struct OrderReference: Codable, Hashable, Sendable {
    var orderID: String

    enum CodingKeys: String, CodingKey { case orderID = "order_id" }
}

/// Output of `GetOrder`.
struct OrderReply: Codable, Hashable, Sendable {
    struct Order: Codable, Hashable, Sendable {
        var id: String
        var customerID: String
        var items: [OrderItem]
        var status: OrderStatus

        enum CodingKeys: String, CodingKey {
            case id, items, status
            case customerID = "customer_id"
        }
    }

    struct PaymentInfo: Codable, Hashable, Sendable {
        var paymentID: String
        var status: PaymentStatus
        var amount: Double
        var paymentMethod: String

        enum CodingKeys: String, CodingKey {
            case status, amount
            case paymentID = "payment_id"
            case paymentMethod = "payment_method"
        }
    }

    var order: Order
    var paymentInfo: PaymentInfo?
    var shipmentInfo: ShipmentInfo?

    enum CodingKeys: String, CodingKey {
        case order
        case paymentInfo = "payment_info"
        case shipmentInfo = "shipment_info"
    }
}

/// Input of `UpdateOrderStatus`.
struct UpdateOrderStatusRequest: Codable, Hashable, Sendable, ValidatedInput {
    var status: String

    init(status: OrderStatus) { self.status = status.rawValue }

    init(from decoder: any Decoder) throws {
        status = try Fields(decoder).required("status")
    }

    var problem: String? {
        OrderStatus(rawValue: status) == nil
            ? "status must be one of \(OrderStatus.allCases.map(\.rawValue).joined(separator: ", "))" : nil
    }
}

/// Output of `UpdateOrderStatus` and `CancelOrder`.
struct OrderOperationReply: Codable, Hashable, Sendable {
    var success: Bool
    var message: String
    var refundID: String?

    enum CodingKeys: String, CodingKey {
        case success, message
        case refundID = "refund_id"
    }
}

extension TerminalError {
    static func orderNotFound(_ id: String) -> TerminalError { TerminalError("order not found: \(id)", code: 404) }
}
