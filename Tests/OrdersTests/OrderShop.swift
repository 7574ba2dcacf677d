import Reprise
import RepriseTesting
import Testing

@testable import Orders

struct OrderHouse<Engine: TestedEngine>: Sendable {
    static var service: String { "order.sv1.OrderService" }
    static var payments: String { "order.sv1.PaymentService" }
    static var shipping: String { "order.sv1.ShippingService" }

    let runtime: Engine
    let gateway = FakeGateway()
    let tables = FakeTables()
    let provider = FakeProvider()
    let lines = Lines()

    init(
        maxAttempts: Int?, profile: OrderProfile, keepsLedger: Bool, engine: ([any ServiceDefinition]) throws -> Engine
    ) throws {
        var configuration = OrdersConfiguration(dataDirectory: "/nowhere")
        configuration.maxAttempts = maxAttempts
        configuration.profile = profile
        let system = OrdersSystem(
            configuration, gateway: gateway, tables: tables, provider: provider, keepsLedger: keepsLedger,
            log: lines.log)
        runtime = try engine(system.services)
    }

    static var basket: String { #"[{"product_id":"prod-001","quantity":2},{"product_id":"prod-002","quantity":1}]"# }

    static func order(_ card: String? = nil) -> String {
        let method = card.map { #","payment_method":{"credit_card":{"card_number":"\#($0)"}}"# } ?? ""
        return #"{"customer_id":"customer-123","items":\#(basket)\#(method)}"#
    }

    /// The answer, or the message of the error.
    func create(_ id: String, _ card: String? = nil) async throws -> String {
        do {
            return try await runtime.request("\(Self.service)/\(id)/CreateOrder", Self.order(card))
        } catch let error as TerminalError {
            return error.message
        }
    }

    func submit(_ id: String, _ card: String? = nil) async throws -> String {
        try await runtime.submit("\(Self.service)/\(id)/CreateOrder", Self.order(card))
    }

    func cancel(_ id: String) async throws -> String {
        try await runtime.submit("\(Self.service)/\(id)/CancelOrder", "")
    }

    func outcome(_ invocation: String) async throws -> String {
        do {
            return try await runtime.client.attach(invocation, of: OrderService.createOrder).orderID
        } catch let error as TerminalError {
            return error.message
        }
    }

    func look(_ id: String) async throws -> OrderReply {
        try await runtime.client.workflow(OrderService.self, key: id).call(OrderService.getOrder)
    }

    /// What must hold of one order whenever everything has come to rest: state, rows and money agree.
    func audit(_ id: String, sourceLocation: SourceLocation = #_sourceLocation) async throws -> OrderStatus {
        try await runtime.settle()
        let (rows, kept) = (tables.look { $0 }, gateway.look(\.kept))
        func check(_ isRight: Bool, _ what: String) {
            #expect(isRight, "\(what)", sourceLocation: sourceLocation)
        }
        let troubles = await runtime.troubles
        check(troubles == [], "\(troubles)")
        check(rows.violations == [], "violations \(rows.violations)")
        let reply = try await look(id)
        let status = reply.order.status
        check(rows.orders[id]?.status == status, "the row says \(rows.orders[id]?.status as Any)")
        check(rows.payments.count <= 1, "payments \(rows.payments)")
        check(rows.shipments.count <= 1, "shipments \(rows.shipments)")
        check(status == .completed || status == .cancelled, "left \(status)")
        check(kept == (status == .completed ? 1 : 0), "\(kept) charges stand of an order that is \(status)")
        let payment = rows.payments.values.first
        let shipment = rows.shipments.values.first?.info
        if status == .completed {
            check(payment?.status == .completed, "payment \(payment as Any)")
            check(shipment?.status == .created, "shipment \(shipment as Any)")
            check(reply.paymentInfo?.paymentID == payment?.id, "payment ids")
            check(reply.shipmentInfo == shipment, "shipment info")
        } else {
            check(payment.map { [.failed, .refunded].contains($0.status) } ?? true, "payment \(payment as Any)")
            check(shipment.map { $0.status == .exception } ?? true, "shipment \(shipment as Any)")
            check(gateway.look(\.charged.count) == 0 || payment?.status == .refunded || payment?.status == .failed, "refund")
            if let info = reply.paymentInfo { check(info.status == payment?.status, "payment info \(info)") }
        }
        return status
    }
}

/// The order system on the production engine, its ledger in tables in memory.
typealias OrderShop = OrderHouse<TestRuntime>

extension OrderHouse<TestRuntime> {
    init(maxAttempts: Int? = nil, profile: OrderProfile = .document, crashes: CrashPlan? = nil) throws {
        try self.init(maxAttempts: maxAttempts, profile: profile, keepsLedger: true) {
            try TestRuntime($0, crashes: crashes)
        }
    }

    /// What was charged and refunded for an order, entry by entry.
    func ledger(_ order: String) async throws -> [[SQLValue]] {
        try await runtime.rows(
            "SELECT amount_cents, refunded_cents FROM order_ledger WHERE order_id = '\(order)' ORDER BY entry")
    }
}

/// The same on the naive engine, whose messages can be held back and delivered in any order.
typealias LooseOrderShop = OrderHouse<MemoryRuntime>

extension OrderHouse<MemoryRuntime> {
    init(maxAttempts: Int? = nil, profile: OrderProfile = .document) throws {
        try self.init(maxAttempts: maxAttempts, profile: profile, keepsLedger: false) { try MemoryRuntime($0) }
    }
}
