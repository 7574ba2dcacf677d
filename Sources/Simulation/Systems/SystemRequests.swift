/// What clients ask of the order system and of the reservation system.
enum SystemRequests {
    static let orders: [WorkloadOperation] = [
        WorkloadOperation(5) { random in
            let card = ["", cards[0], cards[1], ",\"payment_method\":{\"bank_transfer\":{}}"][random.below(4)]
            let items = "[{\"product_id\":\"p\(random.below(5))\",\"quantity\":\(1 + random.below(4))}]"
            return PlannedRequest(
                "/\(order)/\(orderID(&random))/CreateOrder",
                "{\"customer_id\":\"c\(random.below(3))\",\"items\":\(items)\(card)}")
        },
        WorkloadOperation(2) { read(PlannedRequest("/\(order)/\(orderID(&$0))/GetOrder")) },
        WorkloadOperation(3) { PlannedRequest("/\(order)/\(orderID(&$0))/CancelOrder") },
        WorkloadOperation(1) { random in
            let status = ["PAID", "SHIPPED", "COMPLETED", "DELIVERED", "CANCELLED"][random.below(5)]
            return PlannedRequest(
                "/\(order)/\(orderID(&random))/UpdateOrderStatus", "{\"status\":\"\(status)\"}")
        },
        WorkloadOperation(2) { random in
            let (key, amount) = (random.below(5), 1 + random.below(50))
            return PlannedRequest(
                "/order.sv1.PaymentService/direct-\(key)/ProcessPayment",
                "{\"order_id\":\"by-hand-\(key)\",\"amount\":\(amount)\(cards[random.below(2)])}")
        },
        WorkloadOperation(1) { random in
            let key = random.below(4)
            return PlannedRequest(
                "/order.sv1.ShippingService/direct-\(key)/CreateShipment", "{\"order_id\":\"by-hand-\(key)\"}")
        },
        WorkloadOperation(1) {
            read(PlannedRequest("/order.sv1.ShippingService/direct-\($0.below(4))/TrackShipment"))
        },
    ]

    static let reservations: [WorkloadOperation] = [
        WorkloadOperation(7) { random in
            let manner = ["leave", "leave", "confirm", "confirm", "cancel", "steal", "waver"][random.below(7)]
            // Around both lengths of a hold, sooner more often than later.
            let spreadMs = random.below(250)
            let delayMs = [0, 2 * spreadMs, 3_900 + spreadMs, 899_900 + spreadMs][random.below(4)]
            return PlannedRequest("/Usher/visit", "\"\(seat(&random)) u\(random.below(50)) \(manner) \(delayMs)\"")
        },
        WorkloadOperation(2) { read(PlannedRequest("/Seat/\(seat(&$0))/get")) },
        WorkloadOperation(1) { random in
            PlannedRequest(
                "/ReservationFunction/reserve",
                "{\"seatId\":\"\(seat(&random))\",\"userId\":\"u\(random.below(50))\"}")
        },
    ]

    private static let order = "order.sv1.OrderService"
    /// One that is good, and one that is always declined.
    private static let cards = ["4111111111111111", "4000000000000002"].map {
        ",\"payment_method\":{\"credit_card\":{\"card_number\":\"\($0)\"}}"
    }

    private static func orderID(_ random: inout SeededRandom) -> String { "order-\(random.below(8))" }

    /// Half of them are on the plan of the hall.
    private static func seat(_ random: inout SeededRandom) -> String {
        ["A1", "A2", "B7", "balcony-1", "balcony-2", "box-1"][random.below(6)]
    }

    private static func read(_ request: PlannedRequest) -> PlannedRequest {
        var request = request
        request.isRead = true
        return request
    }
}
