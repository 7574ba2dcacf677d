import Reprise

/// The steps of one order, and what has to be taken back if it does not reach its end.
struct OrderLife {
    let draft: CreateOrderRequest
    let paymentID: String
    let shipmentID: String
    /// Comes true when somebody wants the order cancelled.
    let wish: DurableFuture<Bool>

    /// The call that charges, once it has been made.
    private var paymentCall: String?
    private var mayBeShipped = false

    private static let cancelled = TerminalError("order cancelled", code: 409)
    /// The record of an order outlives what the engine remembers of its workflow: an id that comes back after that
    /// would be charged again.
    static let exists = TerminalError("there is such an order already", code: 409)

    init(draft: CreateOrderRequest, paymentID: String, shipmentID: String, wish: DurableFuture<Bool>) {
        self.draft = draft
        self.paymentID = paymentID
        self.shipmentID = shipmentID
        self.wish = wish
    }

    nonisolated(nonsending) mutating func run(_ ctx: WorkflowContext) async throws {
        let name = "[Workflow \(ctx.key)]"
        let record = ctx.object(OrderRecord.self, key: ctx.key)
        ctx.logger.info("\(name) Persisting order to database")
        guard let profile = try await record.call(OrderRecord.open, draft) else { throw Self.exists }
        try await pause(profile, .pending, ctx)

        ctx.logger.info("\(name) Step 2: Processing payment")
        try await pay(ctx)
        ctx.logger.info("\(name) Payment completed: \(paymentID)")
        let payment = OrderState.Payment(id: paymentID, status: .completed, method: method.text)
        try await advance(OrderRecord.Advance(status: profile.statusWhenPaid, payment: payment), ctx)
        try await pause(profile, profile.statusWhenPaid, ctx)

        ctx.logger.info("\(name) Step 3: Creating shipment")
        let shipment = try await ship(profile, ctx)
        ctx.logger.info("\(name) Shipment created: \(shipmentID)")
        try await advance(OrderRecord.Advance(status: .shipped, shipment: shipment), ctx)
        try await pause(profile, .shipped, ctx)

        let delivered = profile == .tracking ? try await move(.delivered, "Delivered", ctx) : nil
        try await advance(OrderRecord.Advance(status: profile.statusAtEnd, shipment: delivered), ctx)
        ctx.logger.info("\(name) Order completed")
    }

    private var method: PaymentMethod { draft.paymentMethod ?? .standard }

    private nonisolated(nonsending) mutating func pay(_ ctx: WorkflowContext) async throws {
        let call = try await ctx.object(PaymentService.self, key: paymentID).future(
            PaymentService.processPayment,
            ProcessPaymentRequest(orderID: ctx.key, amount: draft.total, method: method))
        paymentCall = call.invocationID
        let reply: PaymentReply?
        do {
            reply = try await DurableFuture.race([call.map { Optional($0) }, wish.map { _ in nil }])
        } catch let error as TerminalError where !error.isCancellation {
            throw TerminalError("payment failed: \(error.message)", code: error.code)
        }
        guard let reply else { throw Self.cancelled }
        guard reply.status == .completed else { throw TerminalError("payment failed: \(reply.status.rawValue)") }
    }

    private nonisolated(nonsending) mutating func ship(
        _ profile: OrderProfile, _ ctx: WorkflowContext
    ) async throws -> ShipmentInfo {
        mayBeShipped = true
        let request = CreateShipmentRequest(orderID: ctx.key)
        let shipment = try await ctx.object(ShippingService.self, key: shipmentID).call(
            ShippingService.createShipment, request)
        if profile == .tracking, let moved = try await move(.inTransit, "In Transit", ctx) { return moved }
        return ShipmentInfo(
            shipmentID: shipment.shipmentID, trackingNumber: shipment.trackingNumber,
            carrier: request.method.carrier, status: .created, currentLocation: "Warehouse",
            estimatedDelivery: shipment.estimatedDelivery)
    }

    private nonisolated(nonsending) func move(
        _ status: ShipmentStatus, _ location: String?, _ ctx: WorkflowContext
    ) async throws -> ShipmentInfo? {
        try await ctx.object(ShippingService.self, key: shipmentID).call(
            ShippingService.moveShipment, ShippingService.Move(status: status, location: location))
    }

    private nonisolated(nonsending) func advance(_ step: OrderRecord.Advance, _ ctx: WorkflowContext) async throws {
        guard try await ctx.object(OrderRecord.self, key: ctx.key).call(OrderRecord.advance, step) else {
            throw Self.cancelled
        }
    }

    private nonisolated(nonsending) func pause(
        _ profile: OrderProfile, _ status: OrderStatus, _ ctx: WorkflowContext
    ) async throws {
        guard let duration = profile.pause(in: status) else { return }
        let isOver = try await ctx.timer(duration).map { true }
        guard try await DurableFuture.race([isOver, wish.map { _ in false }]) else { throw Self.cancelled }
    }

    /// Money first, then the parcel, then the order: it is CANCELLED when everything is taken back. Whatever
    /// cancellations arrive meanwhile, it is done.
    nonisolated(nonsending) func takeBack(_ ctx: WorkflowContext) async throws {
        var refund: RefundReply?
        if let paymentCall {
            try await ctx.cancel(paymentCall)
            let payment = ctx.object(PaymentService.self, key: paymentID)
            refund = try await insist { try await payment.call(PaymentService.processRefund) }
        }
        var shipment: ShipmentInfo?
        if mayBeShipped { shipment = try await insist { try await move(.exception, nil, ctx) } }
        let record = ctx.object(OrderRecord.self, key: ctx.key)
        let cancellation = OrderRecord.Cancellation(draft: draft, refund: refund, shipment: shipment)
        try await insist { try await record.call(OrderRecord.cancel, cancellation) }
    }
}
