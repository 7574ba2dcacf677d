import GRDB

/// The tables, as SQL knows them. A migration that has been released is never changed.
enum OrderSchema {
    static let migrator: DatabaseMigrator = {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("tables") { db in try db.execute(sql: tables) }
        return migrator
    }()

    private static let tables = """
        CREATE TABLE orders (
            id varchar(255) PRIMARY KEY,
            customer_id varchar(255) NOT NULL,
            status varchar(50) NOT NULL,
            total_amount decimal(10,2),
            payment_id varchar(255),
            shipment_id varchar(255),
            tracking_number varchar(255),
            created_at timestamp NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now')),
            updated_at timestamp NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now'))
        );
        CREATE INDEX orders_customer_id ON orders (customer_id);
        CREATE INDEX orders_status ON orders (status);
        CREATE INDEX orders_updated_at ON orders (updated_at, id);

        CREATE TABLE order_items (
            order_id varchar(255) NOT NULL,
            item_id varchar(255) NOT NULL,
            name varchar(255) NOT NULL,
            quantity int NOT NULL,
            unit_price decimal(10,2) NOT NULL,
            subtotal decimal(10,2) NOT NULL,
            PRIMARY KEY (order_id, item_id)
        );

        CREATE TABLE payments (
            id varchar(255) PRIMARY KEY,
            order_id varchar(255) NOT NULL,
            amount decimal(10,2) NOT NULL,
            payment_method varchar(50),
            status varchar(50) NOT NULL,
            created_at timestamp NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now')),
            updated_at timestamp NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now'))
        );
        CREATE INDEX payments_order_id ON payments (order_id);
        CREATE INDEX payments_status ON payments (status);

        CREATE TABLE shipments (
            id varchar(255) PRIMARY KEY,
            order_id varchar(255) NOT NULL,
            tracking_number varchar(255) NOT NULL,
            carrier varchar(100),
            service_type varchar(100),
            status varchar(50) NOT NULL,
            current_location varchar(255),
            estimated_delivery date,
            created_at timestamp NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now')),
            updated_at timestamp NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now'))
        );
        CREATE INDEX shipments_order_id ON shipments (order_id);
        CREATE INDEX shipments_tracking_number ON shipments (tracking_number);
        CREATE INDEX shipments_status ON shipments (status);

        -- For reports: everything about an order in one line, money with two decimals.
        CREATE VIEW order_report AS
            SELECT o.id, o.customer_id, o.status, printf('%.2f', o.total_amount) AS total_amount,
                o.payment_id, p.status AS payment_status, p.payment_method,
                o.shipment_id, s.status AS shipment_status, s.carrier, o.tracking_number, s.current_location,
                o.created_at, o.updated_at
            FROM orders o
            LEFT JOIN payments p ON p.id = o.payment_id
            LEFT JOIN shipments s ON s.id = o.shipment_id;
        """
}
