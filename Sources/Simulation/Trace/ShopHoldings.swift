/// What the partners of the order system hold when everything is over.
package struct ShopHoldings: Sendable, Equatable {
    /// A row of the ledger.
    package struct Charge: Sendable, Equatable {
        package var paymentID: String
        package var orderID: String
        package var cents: Int
        package var refundedCents: Int

        package init(paymentID: String, orderID: String, cents: Int, refundedCents: Int = 0) {
            self.paymentID = paymentID
            self.orderID = orderID
            self.cents = cents
            self.refundedCents = refundedCents
        }

        init?(_ row: [String]) {
            guard row.count == 4, let cents = Int(row[2]), let refundedCents = Int(row[3]) else { return nil }
            self.init(paymentID: row[0], orderID: row[1], cents: cents, refundedCents: refundedCents)
        }
    }

    /// Payments whose money was taken and not given back.
    package var paymentsKept: Set<String> = []
    package var ledger: [Charge] = []
    /// Id and status, as the tables for people have them.
    package var orders: [[String]] = []
    package var payments: [[String]] = []
    package var shipments: [[String]] = []

    package init(
        paymentsKept: Set<String> = [], ledger: [Charge] = [], orders: [[String]] = [], payments: [[String]] = [],
        shipments: [[String]] = []
    ) {
        self.paymentsKept = paymentsKept
        self.ledger = ledger
        self.orders = orders
        self.payments = payments
        self.shipments = shipments
    }
}
