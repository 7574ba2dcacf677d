import DurableModel
import EngineCore
import Runtime
import Simulation

// What must hold of the order system and of the reservation system.
extension CheckerTests {
    static let systemCases: [Case] = seats + orders

    private static let deadline = "2027-01-15T08:15:00.000Z"

    private static let seats: [Case] = [
        Case(
            "a seat that is held by two", { SeatHolds() },
            good: [.boot(), .turn(1, [begins("r1", 1)]), .turn(2, [decided("r1", "expired", deadline)])]
                + [.turn(3, [begins("r2", 2)])],
            bad: [.boot(), .turn(1, [begins("r1", 1)]), .turn(3, [begins("r2", 2)])]),
        Case(
            "a seat that is sold twice", { SeatHolds() },
            good: confirmed + [.turn(3, [begins("r2", 2, seat: "B1")])], bad: confirmed + [.turn(3, [begins("r2", 2)])]),
        Case(
            "a hold that expires early", { SeatHolds() },
            good: held + [.turn(2, [decided("r1", "expired", deadline)])],
            bad: held + [.turn(2, [decided("r1", "expired", "2027-01-15T08:14:59.999Z")])]),
        Case(
            "a confirmation after the deadline", { SeatHolds() },
            good: held + [.turn(2, [decided("r1", "confirmed", deadline)])],
            bad: held + [.turn(2, [decided("r1", "confirmed", "2027-01-15T08:15:00.001Z")])]),
        Case(
            "a decision that is changed", { SeatHolds() },
            good: confirmed, bad: confirmed + [.turn(3, [decided("r1", "cancelled", deadline)])]),
        Case(
            "a seat that is taken from who has confirmed it", { SeatHolds() },
            good: confirmed + [sold] + [.turn(4, [holder("r1", isConfirmed: true)])],
            bad: confirmed + [sold] + [.turn(4, [holder("r2")])]),
        Case(
            "a confirmation that is forgotten", { SeatHolds() },
            good: confirmed + [sold] + .commit(upTo: 3) + told("confirmed") + rest,
            bad: confirmed + .commit(upTo: 2) + told("confirmed") + rest),
        Case(
            "a guest who was told something else", { SeatHolds() },
            good: confirmed + [sold] + .commit(upTo: 3) + told("confirmed") + rest,
            bad: confirmed + [sold] + .commit(upTo: 3) + told("cancelled") + rest),
        Case(
            "a hold that never ends", { SeatHolds() },
            good: held + [.turn(2, [decided("r1", "expired", deadline)])] + .commit(upTo: 2) + rest,
            bad: held + [.turn(2, [holder("r1")])] + .commit(upTo: 2) + rest),
    ]

    private static let held: Trace = [.boot(), .turn(1, [begins("r1", 1)])]
    private static let confirmed: Trace = held + [.turn(2, [decided("r1", "confirmed", deadline)])]
    private static let sold: TraceEvent = .turn(3, [holder("r1", isConfirmed: true)])
    private static let rest: Trace = [.ended(Ending(isAtRest: true))]

    private static func begins(_ id: String, _ serial: InvocationSerial, seat: String = "A1") -> Mutation {
        let input = "{\"expiresAt\":\"\(deadline)\",\"reservationId\":\"\(id)\",\"seatId\":\"\(seat)\"}"
        return .insertInvocation(
            serial,
            .made(
                id: .number(UInt128(serial.rawValue)), service: "reservation-workflow", handler: "run", key: id,
                kind: .workflowRun, input: input, .at(.running)))
    }

    private static func decided(_ id: String, _ status: String, _ at: String) -> Mutation {
        .putPromise(
            ObjectID(service: "reservation-workflow", key: id), name: "decision",
            DurablePromise(outcome: .success(bytes("{\"at\":\"\(at)\",\"status\":\"\(status)\"}"))))
    }

    private static func holder(_ id: String, isConfirmed: Bool = false) -> Mutation {
        .putState(
            ObjectID(service: "Seat", key: "A1"), name: "holder",
            value: bytes("{\"isConfirmed\":\(isConfirmed),\"reservationId\":\"\(id)\"}"))
    }

    private static func told(_ status: String) -> Trace {
        [
            .asked(request: 1, path: "/Usher/visit"),
            .answered(request: 1, Answer(status: 200, body: bytes("\"r1 done=\(status) now=\(status)\""))),
        ]
    }

    // MARK: Orders

    private static let orders: [Case] = [
        shop("a charge that is in the ledger twice") { $0.ledger.append($0.ledger[0]) },
        shop("an order that is paid twice") {
            $0.ledger.append(ShopHoldings.Charge(paymentID: "p2", orderID: "o1", cents: 1_000))
        },
        shop("a charge that is in no ledger") { $0.ledger = [] },
        shop("a ledger with another amount") { $0.ledger[0].cents = 999 },
        shop("a refund that nobody has made") { $0.ledger[0].refundedCents = 1_000 },
        shop("money that the bank does not have") { $0.paymentsKept = [] },
        shop("money that nobody has paid") { $0.paymentsKept.insert("p2") },
        shop("an order without its row") { $0.orders = [] },
        shop("a row that says something else") { $0.payments = [["p1", "PAYMENT_PROCESSING"]] },
        shop("a row of what does not exist") { $0.shipments.append(["s2", "SHIPMENT_CREATED"]) },
        Case(
            "an order that is left half done", { OrdersAddUp() },
            good: made("COMPLETED") + ended(paid), bad: made("PAID") + ended(paid("PAID"))),
        Case(
            "an order that was answered and then taken back", { OrdersAddUp() },
            good: answered(200, "{\"order_id\":\"o1\"}") + made("COMPLETED") + ended(paid),
            bad: answered(409, "{\"message\":\"order cancelled\"}") + made("COMPLETED") + ended(paid)),
        Case(
            "a row that a table has lost", { RowsOnce() },
            good: entered + [.ended(found(["x"]))], bad: entered + [.ended(found([]))]),
        Case(
            "a row that a table has twice", { RowsOnce() },
            good: entered + [.ended(found(["x"]))], bad: entered + [.ended(found(["x", "x"]))]),
    ]

    private static let entered: Trace =
        [
            .boot(),
            .turn(
                1,
                [
                    .insertInvocation(1, .made(.at(.running, order: 1))),
                    .insertEntry(
                        1, 0, JournalEntry(.transaction(name: "book", policy: nil), detail: .run(RunProgress()))),
                ]),
        ] + .commit(upTo: 1)
        + [.transacted(StepRecord(serial: 1, entry: 0, rank: 5, rows: ["books_ledger INSERT x"]))]

    private static func found(_ entries: [String]) -> Ending {
        var ending = Ending(isAtRest: true)
        ending.entries = entries
        return ending
    }

    private static let paid = paid("COMPLETED")

    private static func paid(_ status: String) -> ShopHoldings {
        ShopHoldings(
            paymentsKept: ["p1"], ledger: [ShopHoldings.Charge(paymentID: "p1", orderID: "o1", cents: 1_000)],
            orders: [["o1", status]], payments: [["p1", "PAYMENT_COMPLETED"]], shipments: [["s1", "SHIPMENT_CREATED"]])
    }

    private static func shop(_ name: String, spoilt: (inout ShopHoldings) -> Void) -> Case {
        var wrong = paid
        spoilt(&wrong)
        return Case(
            name, { OrdersAddUp() }, good: made("COMPLETED") + ended(paid), bad: made("COMPLETED") + ended(wrong))
    }

    private static func ended(_ shop: ShopHoldings) -> Trace {
        var ending = Ending(isAtRest: true)
        ending.shop = shop
        return [.ended(ending)]
    }

    private static func made(_ status: String) -> Trace {
        let order =
            "{\"payment\":{\"id\":\"p1\"},\"shipment\":{\"shipment_id\":\"s1\"},\"status\":\"\(status)\"}"
        let payment = ObjectID(service: "order.sv1.PaymentService", key: "p1")
        return [
            .boot(),
            .turn(
                1,
                [
                    .putState(
                        ObjectID(service: "order.sv1.OrderRecord", key: "o1"), name: "order", value: bytes(order)),
                    .putState(payment, name: "status", value: bytes("\"PAYMENT_COMPLETED\"")),
                    .putState(payment, name: "amount", value: bytes("10")),
                    .putState(
                        ObjectID(service: "order.sv1.ShippingService", key: "s1"), name: "shipment",
                        value: bytes("{\"info\":{\"status\":\"SHIPMENT_CREATED\"}}")),
                ]),
        ] + .commit(upTo: 1)
    }

    private static func answered(_ status: Int, _ body: String) -> Trace {
        [
            .asked(request: 1, path: "/order.sv1.OrderService/o1/CreateOrder"),
            .answered(request: 1, Answer(status: status, body: bytes(body))),
        ]
    }
}
