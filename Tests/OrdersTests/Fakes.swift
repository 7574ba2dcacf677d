import Foundation
import Synchronization
import Reprise

@testable import Orders

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
            if let known = contents.orders[order.id]?.status, known.later(order.status) != order.status {
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

/// A directory that goes away with the value.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/orders-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
