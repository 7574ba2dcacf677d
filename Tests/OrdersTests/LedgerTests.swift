import Testing

@testable import Orders
@testable import Reprise

/// What needs no real store: `test_transactions.py` and `test_orders_crash.py` see the rows.
@Suite struct LedgerTests {
    @Test func anEngineWithoutTablesRefusesTheLedger() {
        let system = OrdersSystem(
            OrdersConfiguration(dataDirectory: "/nowhere"), gateway: FakeGateway(), tables: FakeTables())
        #expect(throws: RegistrationError.tablesNotKept(service: PaymentService.name)) {
            try MemoryRuntime(system.services)
        }
        #expect(throws: Never.self) { try ServiceRegistration(system.services, keepsTables: true) }
    }

    @Test func theStatementsNameTheirRow() {
        let row = PaymentRow(
            id: "p", orderID: "o", amount: Money(cents: 3_000), method: nil, status: .completed, updatedMs: 0)
        #expect(
            OrderLedger.charge(row, atMs: 1_500).values
                == [.text("p"), .text("o"), .integer(3_000), .text("1970-01-01 00:00:01.500")])
        #expect(OrderLedger.refund(of: "p").values == [.text("p")])
        #expect(OrderLedger.tables.problem == nil)
    }
}
