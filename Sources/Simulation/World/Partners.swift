import Orders

/// Everything outside of the server's process that remembers: it outlives every crash.
struct Partners {
    let outside: Outside
    /// The gateway of the ticket shop.
    let books = Books()
    let rooms = Books()
    /// The gateway of the order system.
    let bank: Bank
    /// The order system's file of tables.
    let orders: MemoryOrderTables
    /// The tables that services keep in the server's own file.
    let tables = ServiceTablesDisk()

    init(_ outside: Outside, clock: SimulatedClock) {
        self.outside = outside
        bank = Bank(clock: clock)
        do {
            orders = try MemoryOrderTables()
        } catch {
            preconditionFailure("no tables in memory: \(error)")
        }
    }

    /// What they hold when everything is over.
    func holdings(isAtRest: Bool, unanswered: Int) -> Ending {
        var ending = Ending(
            isAtRest: isAtRest, chargesKept: books.kept.count, roomsKept: rooms.kept, unanswered: unanswered)
        ending.entries = tables.rows(Bookkeeper.everything).flatMap(\.self)
        ending.shop = ShopHoldings(
            paymentsKept: bank.kept,
            ledger: tables.rows(OrderLedger.everything).compactMap(ShopHoldings.Charge.init),
            orders: (try? orders.orders()) ?? [], payments: (try? orders.payments()) ?? [],
            shipments: (try? orders.shipments()) ?? [])
        return ending
    }
}
