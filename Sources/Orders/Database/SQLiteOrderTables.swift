import GRDB

/// The tables in an SQLite file, which `sqlite3` can read beside the server.
struct SQLiteOrderTables: OrderTables {
    private let database: any OrderConnection

    init(_ database: any OrderConnection) { self.database = database }

    init(path: String) { self.init(OrderDatabase(path: path)) }

    func save(_ order: OrderRow) async throws {
        try await database.write { db in
            let known = try String.fetchOne(db, sql: "SELECT status FROM orders WHERE id = ?", arguments: [order.id])
                .flatMap(OrderStatus.init)
            let row: [String: (any DatabaseValueConvertible)?] = [
                "id": order.id, "customer": order.customerID,
                "status": (known?.later(order.status) ?? order.status).rawValue,
                "total": order.total.dollars, "payment": order.paymentID, "shipment": order.shipmentID,
                "tracking": order.trackingNumber, "created": UTCText.forSQL(order.createdMs),
                "updated": UTCText.forSQL(order.updatedMs),
            ]
            try db.execute(sql: Self.saveOrder, arguments: StatementArguments(row))
            if known == nil { try Self.insert(order.items, of: order.id, db) }
        }
    }

    func save(_ payment: PaymentRow) async throws {
        try await database.write { db in
            let known = try String.fetchOne(
                db, sql: "SELECT status FROM payments WHERE id = ?", arguments: [payment.id]
            ).flatMap(PaymentStatus.init)
            if let known, !known.canBecome(payment.status) { return }
            let row: [String: (any DatabaseValueConvertible)?] = [
                "id": payment.id, "order": payment.orderID, "amount": payment.amount.dollars,
                "method": payment.method, "status": payment.status.rawValue,
                "updated": UTCText.forSQL(payment.updatedMs),
            ]
            try db.execute(sql: Self.savePayment, arguments: StatementArguments(row))
        }
    }

    func save(_ shipment: ShipmentRow) async throws {
        try await database.write { db in
            let info = shipment.info
            let known = try String.fetchOne(
                db, sql: "SELECT status FROM shipments WHERE id = ?", arguments: [info.shipmentID]
            ).flatMap(ShipmentStatus.init)
            if let known, !known.canBecome(info.status) { return }
            let row: [String: (any DatabaseValueConvertible)?] = [
                "id": info.shipmentID, "order": shipment.orderID, "tracking": info.trackingNumber,
                "carrier": info.carrier, "service": shipment.serviceType, "status": info.status.rawValue,
                "location": info.currentLocation, "delivery": info.estimatedDelivery,
                "updated": UTCText.forSQL(shipment.updatedMs),
            ]
            try db.execute(sql: Self.saveShipment, arguments: StatementArguments(row))
        }
    }

    func orders(
        customerID: String?, after: OrderListing.Position?, limit: Int
    ) async throws -> [OrderListing] {
        try await database.read { db in
            let arguments: [String: (any DatabaseValueConvertible)?] = [
                "customer": customerID, "updated": after?.updatedAt, "id": after?.id, "limit": limit,
            ]
            return try Row.fetchAll(db, sql: Self.list, arguments: StatementArguments(arguments)).map { row in
                let id: String = row["id"]
                let items = try Row.fetchAll(
                    db, sql: "SELECT item_id, quantity FROM order_items WHERE order_id = ? ORDER BY rowid",
                    arguments: [id])
                return OrderListing(
                    id: id, customerID: row["customer_id"], status: row["status"], totalAmount: row["total_amount"],
                    paymentID: row["payment_id"], paymentStatus: row["payment_status"], updatedAt: row["updated_at"],
                    items: items.map { OrderItem(productID: $0["item_id"], quantity: $0["quantity"]) })
            }
        }
    }

    private static func insert(_ items: [OrderItem], of orderID: String, _ db: Database) throws {
        for item in items {
            let price = OrderItem.unitPrice
            let row: [String: (any DatabaseValueConvertible)?] = [
                "order": orderID, "item": item.productID, "quantity": item.quantity, "price": price.dollars,
                "subtotal": Money(cents: price.cents * Int64(item.quantity)).dollars,
            ]
            try db.execute(sql: insertItem, arguments: StatementArguments(row))
        }
    }
}

extension SQLiteOrderTables {
    // A step that is executed again writes what it wrote before; nothing that is known is forgotten.
    private static let saveOrder = """
        INSERT INTO orders (id, customer_id, status, total_amount, payment_id, shipment_id, tracking_number,
            created_at, updated_at)
        VALUES (:id, :customer, :status, :total, :payment, :shipment, :tracking, :created, :updated)
        ON CONFLICT (id) DO UPDATE SET
            status = excluded.status,
            payment_id = coalesce(excluded.payment_id, payment_id),
            shipment_id = coalesce(excluded.shipment_id, shipment_id),
            tracking_number = coalesce(excluded.tracking_number, tracking_number),
            updated_at = max(excluded.updated_at, updated_at)
        """

    // The same product twice in one order is one line.
    private static let insertItem = """
        INSERT INTO order_items (order_id, item_id, name, quantity, unit_price, subtotal)
        VALUES (:order, :item, :item, :quantity, :price, :subtotal)
        ON CONFLICT (order_id, item_id) DO UPDATE SET
            quantity = quantity + excluded.quantity, subtotal = subtotal + excluded.subtotal
        """

    private static let savePayment = """
        INSERT INTO payments (id, order_id, amount, payment_method, status, created_at, updated_at)
        VALUES (:id, :order, :amount, :method, :status, :updated, :updated)
        ON CONFLICT (id) DO UPDATE SET
            status = excluded.status,
            payment_method = coalesce(excluded.payment_method, payment_method),
            updated_at = max(excluded.updated_at, updated_at)
        """

    private static let saveShipment = """
        INSERT INTO shipments (id, order_id, tracking_number, carrier, service_type, status, current_location,
            estimated_delivery, created_at, updated_at)
        VALUES (:id, :order, :tracking, :carrier, :service, :status, :location, :delivery, :updated, :updated)
        ON CONFLICT (id) DO UPDATE SET
            status = excluded.status,
            current_location = excluded.current_location,
            updated_at = max(excluded.updated_at, updated_at)
        """

    private static let list = """
        SELECT o.id, o.customer_id, o.status, o.total_amount, o.payment_id, p.status AS payment_status, o.updated_at
        FROM orders o LEFT JOIN payments p ON p.id = o.payment_id
        WHERE (:customer IS NULL OR o.customer_id = :customer)
            AND (:updated IS NULL OR (o.updated_at, o.id) < (:updated, :id))
        ORDER BY o.updated_at DESC, o.id DESC
        LIMIT :limit
        """
}
