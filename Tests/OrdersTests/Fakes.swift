import Foundation
import Synchronization
import Testing

@testable import Orders
@testable import Reprise

/// A gateway that counts, and can be stopped in the middle.
final class FakeGateway: PaymentGateway {
    struct Book {
        /// Every attempt, in order: payment and number.
        var attempts: [(payment: String, number: Int)] = []
        var charged: Set<String> = []
        var voided: Set<String> = []
        var failingVoids = 0
        var lateArrival: Duration?
        /// So many attempts of each payment fail before one succeeds.
        var failures = 0
        var isOpen = true
        var waiting: [CheckedContinuation<Void, Never>] = []

        var kept: Int { charged.subtracting(voided).count }
    }

    let announcement = "Asking the fake"
    let longestPause = Duration.seconds(1)
    var lateArrival: Duration? { look(\.lateArrival) }
    private let book = Mutex(Book())

    func look<Result: Sendable>(_ body: (inout Book) -> Result) -> Result { book.withLock { body(&$0) } }

    func close() { look { $0.isOpen = false } }

    func open() {
        let waiting = look { book in
            defer { book.waiting = [] }
            book.isOpen = true
            return book.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    func charge(_ charge: Charge, attempt: Int) async -> ChargeOutcome {
        look { $0.attempts.append((charge.paymentID, attempt)) }
        await withCheckedContinuation { continuation in
            let isOpen = look { book in
                if !book.isOpen { book.waiting.append(continuation) }
                return book.isOpen
            }
            if isOpen { continuation.resume() }
        }
        if charge.isDeclined { return .declined }
        return look { book in
            if attempt <= book.failures { return .failed(note: "attempt \(attempt)", reason: "not yet") }
            book.charged.insert(charge.paymentID)
            return .approved(note: "attempt \(attempt)")
        }
    }

    func void(paymentID: String) async throws -> Bool {
        struct Down: Error {}
        return try book.withLock { book in
            if book.failingVoids > 0 {
                book.failingVoids -= 1
                throw Down()
            }
            guard book.charged.contains(paymentID) else { return false }
            book.voided.insert(paymentID)
            return true
        }
    }
}

/// The tables in memory, with what must never happen to them.
final class FakeTables: OrderTables {
    struct Contents {
        var orders: [String: OrderRow] = [:]
        var payments: [String: PaymentRow] = [:]
        var shipments: [String: ShipmentRow] = [:]
        var violations: [String] = []
        /// So many writes fail first.
        var failures = 0
        var writes = 0
    }

    struct Locked: Error {}

    private let contents = Mutex(Contents())

    func look<Result: Sendable>(_ body: (inout Contents) -> Result) -> Result { contents.withLock { body(&$0) } }

    private func write(_ body: (inout Contents) -> Void) throws {
        try contents.withLock { contents in
            contents.writes += 1
            if contents.failures > 0 {
                contents.failures -= 1
                throw Locked()
            }
            body(&contents)
        }
    }

    func save(_ order: OrderRow) async throws {
        try write { contents in
            if let known = contents.orders[order.id]?.status, known != order.status, !known.canBecome(order.status) {
                contents.violations.append("order \(order.id): \(known) -> \(order.status)")
            }
            contents.orders[order.id] = order
        }
    }

    func save(_ payment: PaymentRow) async throws {
        try write { contents in
            if let known = contents.payments[payment.id]?.status, known != payment.status,
                !known.canBecome(payment.status)
            {
                contents.violations.append("payment \(payment.id): \(known) -> \(payment.status)")
            }
            contents.payments[payment.id] = payment
        }
    }

    func save(_ shipment: ShipmentRow) async throws {
        try write { $0.shipments[shipment.info.shipmentID] = shipment }
    }

    func orders(
        customerID: String?, after: OrderListing.Position?, limit: Int
    ) async throws -> [OrderListing] { [] }
}

final class FakeProvider: ShippingProvider {
    let refusal = Mutex<TerminalError?>(nil)

    func book(shipmentID: String, _ method: CreateShipmentRequest.Method) async throws {
        if let error = refusal.withLock({ $0 }) { throw error }
    }
}

final class Lines: Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }
    var log: OrdersLog { OrdersLog { line in self.lines.withLock { $0.append(line) } } }
}

/// The order system on the engine in memory.
struct OrderShop {
    static let service = "order.sv1.OrderService"
    static let payments = "order.sv1.PaymentService"
    static let shipping = "order.sv1.ShippingService"

    let runtime: MemoryRuntime
    let gateway = FakeGateway()
    let tables = FakeTables()
    let provider = FakeProvider()
    let lines = Lines()

    init(maxAttempts: Int? = nil, profile: OrderProfile = .document) throws {
        var configuration = OrdersConfiguration(dataDirectory: "/nowhere")
        configuration.maxAttempts = maxAttempts
        configuration.profile = profile
        let system = OrdersSystem(
            configuration, gateway: gateway, tables: tables, provider: provider, keepsLedger: false,
            log: lines.log)
        runtime = try MemoryRuntime(system.services)
    }

    static let basket = #"[{"product_id":"prod-001","quantity":2},{"product_id":"prod-002","quantity":1}]"#

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

    func submit(_ id: String, _ card: String? = nil) -> String {
        runtime.submit("\(Self.service)/\(id)/CreateOrder", Self.order(card))
    }

    func cancel(_ id: String) -> String { runtime.submit("\(Self.service)/\(id)/CancelOrder", "") }

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
        check(runtime.faults == [], "faults \(runtime.faults)")
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

/// A directory that goes away with the value.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/orders-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
