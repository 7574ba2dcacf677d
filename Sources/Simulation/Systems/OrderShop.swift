import Orders
import Reprise

/// The order system with its partners outside.
enum OrderShop {
    static func services(_ hands: Hands, _ partners: Partners) -> [any ServiceDefinition] {
        var configuration = OrdersConfiguration(dataDirectory: "/nowhere")
        // Gives up soon: then nobody knows what has become of the money.
        configuration.maxAttempts = 2
        return OrdersSystem(
            configuration,
            gateway: FakeOrderGateway(hands: hands, bank: partners.bank),
            tables: FakeOrderTables(hands: hands, tables: partners.orders), log: OrdersLog { _ in }
        ).services
    }
}

private struct FakeOrderGateway: Orders.PaymentGateway {
    let hands: Hands
    let bank: Bank

    let announcement = "Asking the bank"
    let longestPause = Duration.seconds(2)
    let lateArrival: Duration? = .milliseconds(Bank.lateArrivalMs)
    /// On good days too.
    private static let lostPercent = 25

    func charge(_ charge: Orders.Charge, attempt: Int) async -> Orders.ChargeOutcome {
        guard hands.life.isAlive else { return .failed(note: "dead", reason: "dead") }
        let (payment, sentMs) = (charge.paymentID, bank.nowMs)
        do {
            _ = try await hands.reach(payment, "pay")
            if hands.outside.draw(below: 100) < Self.lostPercent { throw OutsideFailed() }
            if charge.isDeclined { return bank.decline(payment) ? .declined : .approved(note: "before") }
            return bank.charge(payment) ? .approved(note: "paid") : .declined
        } catch is TerminalError {
            return bank.decline(payment) ? .declined : .approved(note: "before")
        } catch {
            // Lost on the way there, on the way back, or not lost at all but slow.
            switch charge.isDeclined ? 0 : hands.outside.draw(below: 3) {
            case 0: break
            case 1: _ = bank.charge(payment)
            default: bank.send(payment, arrivesMs: sentMs + Int64(hands.outside.draw(below: Int(Bank.lateArrivalMs))))
            }
            return .failed(note: "no answer", reason: "no answer")
        }
    }

    func void(paymentID: String) async throws -> Bool {
        guard hands.life.isAlive else { throw ProcessIsDead() }
        do {
            _ = try await hands.reach(paymentID, "give back", refusesForGood: false)
        } catch {
            if hands.outside.draw(below: 2) == 0 { _ = bank.giveBack(paymentID) }
            throw OutsideFailed()
        }
        return bank.giveBack(paymentID)
    }
}

/// The file of tables, which may be locked, and may have written what it did not say.
private struct FakeOrderTables: OrderTables {
    let hands: Hands
    let tables: MemoryOrderTables

    func save(_ order: OrderRow) async throws { try await write { try await tables.save(order) } }
    func save(_ payment: PaymentRow) async throws { try await write { try await tables.save(payment) } }
    func save(_ shipment: ShipmentRow) async throws { try await write { try await tables.save(shipment) } }

    func orders(
        customerID: String?, after: OrderListing.Position?, limit: Int
    ) async throws -> [OrderListing] {
        try await tables.orders(customerID: customerID, after: after, limit: limit)
    }

    private func write(_ row: () async throws -> Void) async throws {
        guard hands.life.isAlive else { throw ProcessIsDead() }
        do {
            _ = try await hands.reach("orders.db", "row", refusesForGood: false)
        } catch {
            if hands.outside.draw(below: 2) == 0 { try await row() }
            throw OutsideFailed()
        }
        try await row()
    }
}
