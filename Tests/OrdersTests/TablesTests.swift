import Foundation
import GRDB
import Testing

@testable import Orders

@Suite struct TablesTests {
    let directory: TemporaryDirectory
    let tables: SQLiteOrderTables

    private var path: String { directory.path + "/orders.db" }

    init() throws {
        directory = try TemporaryDirectory()
        tables = SQLiteOrderTables(path: directory.path + "/orders.db")
    }

    private func order(_ id: String, _ status: OrderStatus, atMs: Int64 = 1_000) -> OrderRow {
        OrderRow(
            id: id, customerID: "c-\(id.prefix(1))", status: status, total: Money(cents: 3_000), paymentID: nil,
            shipmentID: nil, trackingNumber: nil,
            items: [
                OrderItem(productID: "b", quantity: 2), OrderItem(productID: "a", quantity: 1),
                OrderItem(productID: "b", quantity: 3),
            ], createdMs: 500, updatedMs: atMs)
    }

    private func payment(_ status: PaymentStatus, atMs: Int64 = 1_000) -> PaymentRow {
        PaymentRow(
            id: "p", orderID: "o", amount: Money(cents: 3_000), method: "CREDIT_CARD", status: status, updatedMs: atMs)
    }

    private func rows(_ sql: String) throws -> [String] {
        try DatabaseQueue(path: path).read { db in
            try Row.fetchAll(db, sql: sql).map { $0.databaseValues.map(\.description).joined(separator: "|") }
        }
    }

    @Test func rowsAreWrittenOnceHoweverOftenTheyAreWritten() async throws {
        for _ in 0..<2 { try await tables.save(order("o", .pending)) }
        var paid = order("o", .paid, atMs: 2_000)
        paid.paymentID = "p"
        for _ in 0..<2 { try await tables.save(paid) }
        for _ in 0..<2 { try await tables.save(payment(.completed)) }
        #expect(
            try rows("SELECT * FROM orders") == [
                #""o"|"c-o"|"PAID"|30|"p"|NULL|NULL|"1970-01-01 00:00:00.500"|"1970-01-01 00:00:02.000""#
            ])
        #expect(try rows("SELECT item_id, quantity, subtotal FROM order_items ORDER BY rowid") == [#""b"|5|50"#, #""a"|1|10"#])
        #expect(try rows("SELECT id, total_amount, payment_status FROM order_report") == [#""o"|"30.00"|"PAYMENT_COMPLETED""#])
    }

    @Test func statusesMoveForwardOnly() async throws {
        try await tables.save(order("o", .completed, atMs: 9_000))
        try await tables.save(order("o", .pending, atMs: 1_000))
        #expect(try rows("SELECT status, updated_at FROM orders") == [#""COMPLETED"|"1970-01-01 00:00:09.000""#])
        // COMPLETED by hand, and then not paid: it is taken back.
        try await tables.save(order("o", .cancelled, atMs: 10_000))
        try await tables.save(order("o", .completed, atMs: 9_000))
        #expect(try rows("SELECT status FROM orders") == [#""CANCELLED""#])
        try await tables.save(payment(.completed, atMs: 5_000))
        try await tables.save(payment(.processing, atMs: 1_000))
        try await tables.save(payment(.failed, atMs: 6_000))
        #expect(try rows("SELECT status, updated_at FROM payments") == [#""PAYMENT_COMPLETED"|"1970-01-01 00:00:05.000""#])
        try await tables.save(payment(.refunded, atMs: 7_000))
        #expect(try rows("SELECT status FROM payments") == [#""PAYMENT_REFUNDED""#])
    }

    @Test func ordersAreListedNewestFirstPageByPage() async throws {
        for number in 0..<7 {
            try await tables.save(order(number % 2 == 0 ? "a\(number)" : "b\(number)", .pending, atMs: Int64(number / 3)))
        }
        var listed: [String] = []
        var after: OrderListing.Position?
        while true {
            let page = try await tables.orders(customerID: nil, after: after, limit: 2)
            listed += page.map(\.id)
            after = page.last?.position
            if page.count < 2 { break }
        }
        #expect(listed == ["a6", "b5", "b3", "a4", "b1", "a2", "a0"])
        let mine = try await tables.orders(customerID: "c-b", after: nil, limit: 10)
        #expect(mine.map(\.id) == ["b5", "b3", "b1"])
        #expect(mine.first?.items == [OrderItem(productID: "b", quantity: 5), OrderItem(productID: "a", quantity: 1)])
    }

    @Test func aLockedFileIsAnErrorThatPasses() async throws {
        try await tables.save(order("o", .pending))
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        let person = try DatabaseQueue(path: path, configuration: configuration)
        try await person.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE") }
        await #expect(throws: DatabaseError.self) { try await tables.save(order("o", .paid)) }
        try await person.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
        try await tables.save(order("o", .paid))
        #expect(try rows("SELECT status FROM orders") == [#""PAID""#])
    }

    @Test func aFileThatIsMovedAwayIsWaitedForAndNotMadeAnew() async throws {
        try await tables.save(order("o", .pending))
        let elsewhere = path + ".away"
        try FileManager.default.moveItem(atPath: path, toPath: elsewhere)
        await #expect(throws: OrderDatabase.Unavailable.self) { try await tables.save(order("o", .paid)) }
        #expect(!FileManager.default.fileExists(atPath: path))
        try FileManager.default.moveItem(atPath: elsewhere, toPath: path)
        try await tables.save(order("o", .paid))
        #expect(try rows("SELECT status FROM orders") == [#""PAID""#])
    }

    @Test func aDirectoryThatComesLaterIsEnough() async throws {
        let late = directory.path + "/later/orders.db"
        let tables = SQLiteOrderTables(path: late)
        await #expect(throws: (any Error).self) { try await tables.save(order("o", .pending)) }
        try FileManager.default.createDirectory(atPath: directory.path + "/later", withIntermediateDirectories: true)
        try await tables.save(order("o", .pending))
        #expect(FileManager.default.fileExists(atPath: late))
    }

    @Test func aNewerFileIsNotTouched() async throws {
        try await tables.save(order("o", .pending))
        let other = try DatabaseQueue(path: path)
        try await other.write { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('from the future')") }
        let again = SQLiteOrderTables(path: path)
        await #expect(throws: OrderDatabase.Unavailable.self) { try await again.save(order("o", .paid)) }
    }
}
