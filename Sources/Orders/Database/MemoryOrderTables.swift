import GRDB

/// The tables in no file, written by the statements that write the file, at once and on the thread that asks: for
/// worlds that decide themselves what happens when.
package struct MemoryOrderTables: OrderTables {
    private let connection: MemoryOrderConnection
    private let tables: SQLiteOrderTables

    package init() throws {
        connection = try MemoryOrderConnection()
        tables = SQLiteOrderTables(connection)
    }

    package func save(_ order: OrderRow) async throws { try await tables.save(order) }
    package func save(_ payment: PaymentRow) async throws { try await tables.save(payment) }
    package func save(_ shipment: ShipmentRow) async throws { try await tables.save(shipment) }

    package func orders(
        customerID: String?, after: OrderListing.Position?, limit: Int
    ) async throws -> [OrderListing] {
        try await tables.orders(customerID: customerID, after: after, limit: limit)
    }

    /// The id and the status of every order.
    package func orders() throws -> [[String]] { try rows("SELECT id, status FROM orders ORDER BY id") }
    /// The id and the status of every payment.
    package func payments() throws -> [[String]] { try rows("SELECT id, status FROM payments ORDER BY id") }
    /// The id and the status of every shipment.
    package func shipments() throws -> [[String]] { try rows("SELECT id, status FROM shipments ORDER BY id") }

    private func rows(_ sql: String) throws -> [[String]] {
        try connection.now { db in
            try Row.fetchAll(db, sql: sql).map { row in row.databaseValues.map { String.fromDatabaseValue($0) ?? "" } }
        }
    }
}

private final class MemoryOrderConnection: OrderConnection {
    private let queue: DatabaseQueue

    init() throws {
        queue = try DatabaseQueue()
        try OrderSchema.migrator.migrate(queue)
    }

    func write<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        try now(body)
    }

    func read<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        try now(body)
    }

    /// Waits with its thread, which nobody else needs.
    func now<Value>(_ body: (Database) throws -> Value) throws -> Value { try queue.write(body) }
}
