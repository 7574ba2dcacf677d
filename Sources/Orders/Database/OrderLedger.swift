import Reprise

/// What was charged, one row for each payment, in the server's own data file. Nothing but the transactional step that
/// makes a row keeps a second one away: there is no unique key, and none is needed.
package enum OrderLedger {
    /// Finds payment, order, amount and what of it was given back, of every row.
    package static let everything = """
        SELECT payment_id, order_id, amount_cents, refunded_cents FROM order_ledger ORDER BY entry
        """

    static let tables = ServiceTables(
        namespace: "order",
        migrations: [
            ServiceTables.Migration(
                "1: ledger",
                sql: """
                    CREATE TABLE order_ledger (
                        entry INTEGER PRIMARY KEY,
                        payment_id TEXT NOT NULL,
                        order_id TEXT NOT NULL,
                        amount_cents INTEGER NOT NULL,
                        refunded_cents INTEGER NOT NULL DEFAULT 0,
                        charged_at TEXT NOT NULL
                    ) STRICT;
                    CREATE INDEX order_ledger_by_payment ON order_ledger (payment_id);
                    """)
        ])

    static func charge(_ row: PaymentRow, atMs timeMs: Int64) -> SQLStatement {
        SQLStatement(
            "INSERT INTO order_ledger (payment_id, order_id, amount_cents, charged_at) VALUES (?, ?, ?, ?)",
            .text(row.id), .text(row.orderID), .integer(row.amount.cents), .text(UTCText.forSQL(timeMs)))
    }

    /// Adds: executed twice, it would be wrong.
    static func refund(of paymentID: String) -> SQLStatement {
        SQLStatement(
            "UPDATE order_ledger SET refunded_cents = refunded_cents + amount_cents WHERE payment_id = ?",
            .text(paymentID))
    }
}
