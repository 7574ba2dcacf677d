import DurableModel

/// When everything is over, what callers were told of orders, what the engine holds, the ledger, the tables for people
/// and the money say the same.
package struct OrdersAddUp: Checker {
    package static let promise = "orders, ledger and money add up"

    private var orders: [Int: String] = [:]
    /// How callers were told that an order has ended.
    private var told: [String: Set<Bool>] = [:]

    private static let service = "order.sv1.OrderService"

    package init() {}

    package mutating func before(_ event: TraceEvent, _ history: History, _ complain: (String) -> Void) {
        switch event {
        case .asked(let request, let path, _):
            let segments = path.split(separator: "/")
            if segments.count == 3, segments[0] == Self.service, segments[2] == "CreateOrder" {
                orders[request] = String(segments[1])
            }
        case .answered(let request, let answer):
            if let order = orders[request] { hear(answer, order, complain) }
        case .ended(let ending) where ending.isAtRest:
            let books = OrderBooks(history.durable)
            comparePayments(books, ending.shop, complain)
            compareOrders(books, ending.shop, complain)
            compareShipments(books, ending.shop, complain)
            compareTold(books, complain)
        default: break
        }
    }

    private mutating func hear(_ answer: Answer, _ order: String, _ complain: (String) -> Void) {
        switch answer.status {
        case 200:
            told[order, default: []].insert(true)
            guard Document(answer.body)?.text("order_id") != order else { return }
            complain("order \(order) is answered \(answer.text)")
        case _ where answer.text.contains("order cancelled") || answer.text.contains("payment failed"):
            told[order, default: []].insert(false)
        default: break
        }
    }

    // MARK: The end

    private func comparePayments(_ books: OrderBooks, _ shop: ShopHoldings, _ complain: (String) -> Void) {
        var rows: [String: [ShopHoldings.Charge]] = [:]
        for charge in shop.ledger { rows[charge.paymentID, default: []].append(charge) }
        for (id, payment) in books.payments.sorted(by: { $0.key < $1.key }) {
            let (entered, isKept) = (rows.removeValue(forKey: id) ?? [], shop.paymentsKept.contains(id))
            let refunds = entered.map(\.standing)
            let expected = ["PAYMENT_COMPLETED": ["charged"], "PAYMENT_REFUNDED": ["refunded"]][payment.status] ?? []
            if refunds != expected { complain("payment \(id) is \(payment.status), the ledger says \(refunds)") }
            if isKept != (payment.status == "PAYMENT_COMPLETED") {
                complain("payment \(id) is \(payment.status), its money is \(isKept ? "taken" : "not taken")")
            }
            for charge in entered where charge.cents != payment.cents {
                complain("payment \(id) is of \(payment.cents) cents, the ledger has \(charge.cents)")
            }
        }
        for (id, _) in rows.sorted(by: { $0.key < $1.key }) { complain("the ledger has \(id), which nobody paid") }
        for id in shop.paymentsKept.subtracting(books.payments.keys).sorted() {
            complain("the bank keeps the money of \(id), which nobody paid")
        }
        compare("payment", books.payments.mapValues(\.status), shop.payments, complain)
        let standing = Dictionary(grouping: shop.ledger.filter { $0.refundedCents == 0 }, by: \.orderID)
        for (order, charges) in standing where charges.count > 1 {
            complain("order \(order) is paid \(charges.count) times")
        }
    }

    private func compareOrders(_ books: OrderBooks, _ shop: ShopHoldings, _ complain: (String) -> Void) {
        compare("order", books.orders.mapValues(\.status), shop.orders, complain)
        for (id, order) in books.orders.sorted(by: { $0.key < $1.key }) {
            let (payment, shipment) = (books.payments[order.payment]?.status, books.shipments[order.shipment])
            switch order.status {
            case "COMPLETED", "DELIVERED":
                if payment != "PAYMENT_COMPLETED" { complain("order \(id) is over, and is \(payment ?? "not paid")") }
                if shipment == nil { complain("order \(id) is over and was never shipped") }
            case "CANCELLED":
                if payment == "PAYMENT_COMPLETED" { complain("order \(id) is taken back, and its money kept") }
                if let shipment, shipment != "SHIPMENT_EXCEPTION" {
                    complain("order \(id) is taken back, its shipment is \(shipment)")
                }
            default: complain("order \(id) is left \(order.status)")
            }
        }
    }

    private func compareShipments(_ books: OrderBooks, _ shop: ShopHoldings, _ complain: (String) -> Void) {
        compare("shipment", books.shipments, shop.shipments, complain)
    }

    /// Each has one row, which says what the engine says.
    private func compare(
        _ kind: String, _ known: [String: String], _ rows: [[String]], _ complain: (String) -> Void
    ) {
        var left = known
        for row in rows where row.count >= 2 {
            guard let status = left.removeValue(forKey: row[0]) else {
                complain("the tables have \(kind) \(row[0]), which does not exist")
                continue
            }
            if status != row[1] { complain("\(kind) \(row[0]) is \(status), the tables say \(row[1])") }
        }
        for (id, status) in left.sorted(by: { $0.key < $1.key }) where !status.isEmpty {
            complain("\(kind) \(id) is \(status) and not in the tables")
        }
    }

    private func compareTold(_ books: OrderBooks, _ complain: (String) -> Void) {
        for (order, ends) in told.sorted(by: { $0.key < $1.key }) {
            let status = books.orders[order]?.status ?? "missing"
            for isDone in ends where ["COMPLETED", "DELIVERED"].contains(status) != isDone {
                complain("a caller was told that order \(order) is \(isDone ? "done" : "taken back"), it is \(status)")
            }
        }
    }
}

extension ShopHoldings.Charge {
    /// Money is given back as a whole.
    fileprivate var standing: String {
        refundedCents == 0 ? "charged" : refundedCents == cents ? "refunded" : "\(refundedCents) of \(cents) refunded"
    }
}

/// What the engine holds of the order system.
private struct OrderBooks {
    struct Payment {
        var status: String
        var cents: Int
    }

    struct Order {
        var status: String
        var payment: String
        var shipment: String
    }

    private(set) var payments: [String: Payment] = [:]
    private(set) var orders: [String: Order] = [:]
    private(set) var shipments: [String: String] = [:]

    init(_ disk: DiskImage) {
        for (object, values) in disk.state {
            switch object.service {
            case "order.sv1.PaymentService":
                let dollars = Double(String(decoding: values["amount"] ?? [], as: UTF8.self)) ?? -1
                payments[object.key] = Payment(
                    status: Document(values["status"])?.text() ?? "", cents: Int((dollars * 100).rounded()))
            case "order.sv1.OrderRecord":
                let order = Document(values["order"])
                orders[object.key] = Order(
                    status: order?.text("status") ?? "", payment: order?.text("payment", "id") ?? "",
                    shipment: order?.text("shipment", "shipment_id") ?? "")
            case "order.sv1.ShippingService":
                shipments[object.key] = Document(values["shipment"])?.text("info", "status") ?? ""
            default: break
            }
        }
    }
}
