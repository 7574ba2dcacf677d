extension WorkloadOperation {
    /// Every handler of the three systems: each must be reached.
    static let systemHandlers: [String] =
        ["Checkout/process", "Ticket/get"]
        + ["CreateOrder", "GetOrder", "UpdateOrderStatus", "CancelOrder"].map { "order.sv1.OrderService/" + $0 }
        + ["Open", "Advance", "RequestCancel", "Cancel", "SetStatus", "Get"].map { "order.sv1.OrderRecord/" + $0 }
        + ["ProcessPayment", "ProcessRefund", "VoidCharge"].map { "order.sv1.PaymentService/" + $0 }
        + ["CreateShipment", "TrackShipment", "MoveShipment"].map { "order.sv1.ShippingService/" + $0 }
        + ["hold", "settle", "get"].map { "Seat/" + $0 }
        + ["run", "confirm", "cancel", "look"].map { "reservation-workflow/" + $0 }
        + ["ReservationFunction/reserve"]
}
