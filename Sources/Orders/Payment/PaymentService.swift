import Reprise

/// One payment, by its id: charged once, whatever crashes, retries and repetitions come.
struct PaymentService: VirtualObject {
    static let name = "order.sv1.PaymentService"

    static let status = StateKey<PaymentStatus>("status")
    static let orderID = StateKey<String>("order_id")
    static let amount = StateKey<Double>("amount")
    static let refundID = StateKey<String>("refund_id")

    /// Charges, and answers with the outcome; a second call gets the first one's outcome.
    static let processPayment = exclusive("ProcessPayment", PaymentService.process)
    /// Gives back what was charged, once. Internal.
    static let processRefund = exclusive(
        "ProcessRefund", options: HandlerOptions(isPrivate: true), PaymentService.refund)
    /// Sees to it that a charge whose outcome nobody knows does not stand. Internal.
    static let voidCharge = shared("VoidCharge", options: HandlerOptions(isPrivate: true), PaymentService.void)

    static let handlers: Handlers = [processPayment, processRefund, voidCharge]

    let gateway: any PaymentGateway
    let tables: any OrderTables
    let maxAttempts: Int?
    /// nil behind an engine that keeps no tables for services.
    let serviceTables: ServiceTables?
    let log: OrdersLog
    private let stops = ChargeStops()

    init(
        gateway: any PaymentGateway, tables: any OrderTables, maxAttempts: Int?, keepsLedger: Bool, log: OrdersLog
    ) {
        self.gateway = gateway
        self.tables = tables
        self.maxAttempts = maxAttempts
        serviceTables = keepsLedger ? OrderLedger.tables : nil
        self.log = log
    }

    private static let declined = TerminalError("card declined", code: 402)
    private static let stopped = TerminalError("payment stopped", code: 409)

    private func process(_ ctx: ObjectContext, _ request: ProcessPaymentRequest) async throws -> PaymentReply {
        let (id, money) = (ctx.key, request.money)
        ctx.logger.info(
            "[Payment Object \(id)] Processing payment for order: \(request.orderID), amount: \(money.text)")
        if let known = try await ctx.get(Self.status) {
            ctx.logger.info("[Payment Object \(id)] Payment already processed with status: \(known.rawValue)")
            return PaymentReply(paymentID: id, status: known)
        }
        try await ctx.set(Self.orderID, request.orderID)
        try await ctx.set(Self.amount, money.dollars)
        ctx.logger.info("[Payment Object \(id)] Creating payment record in database")
        let row = PaymentRow(
            id: id, orderID: request.orderID, amount: money, method: request.method?.text ?? "UNKNOWN",
            status: .processing, updatedMs: try await ctx.now().milliseconds)
        let isCancelled = try await save(row, ctx, "create-payment-row", "[DB] Inserted/Updated payment: \(id)")
        let charge = Charge(paymentID: id, amount: money, method: request.method)
        let failure = isCancelled ? Self.stopped : try await failure(of: charge, ctx)
        if let failure { try await giveUp(row, failure, ctx) }
        try await ctx.set(Self.status, .completed)
        let chargedMs = try await ctx.now().milliseconds
        try await enter("enter-charge", OrderLedger.charge(row, atMs: chargedMs), ctx)
        try await update(row, to: .completed, ctx)
        ctx.logger.info("[Payment Object \(id)] Payment completed successfully")
        return PaymentReply(paymentID: id, status: .completed)
    }

    /// Charges; nil when the money has moved. A cancellation ends the attempts, but not the one that is under way: what
    /// becomes of that is waited for.
    private func failure(of charge: Charge, _ ctx: ObjectContext) async throws -> TerminalError? {
        let retry = RunRetryPolicy(
            initialDelay: .milliseconds(50), maxDelay: gateway.longestPause, maxAttempts: maxAttempts)
        let (gateway, log, stops) = (gateway, log, stops)
        let attempts = try await ctx.runFuture("charge", retry: retry) {
            if stops.contains(charge.paymentID) { throw Self.stopped }
            try await Self.attempt(charge, gateway, stops, log)
        }
        while true {
            do {
                try await attempts.value()
                stops.remove(charge.paymentID)
                return nil
            } catch let error as TerminalError where error.isCancellation {
                stops.add(charge.paymentID)
            } catch let error as TerminalError {
                stops.remove(charge.paymentID)
                return error
            }
        }
    }

    private static func attempt(
        _ charge: Charge, _ gateway: any PaymentGateway, _ stops: ChargeStops, _ log: OrdersLog
    ) async throws {
        let name = "[Payment Object \(charge.paymentID)]"
        log.write("\(name) Starting payment transaction processing...")
        log.write("\(name) \(gateway.announcement)")
        switch await gateway.charge(charge, attempt: RunAttempt.number) {
        case .approved(let note):
            log.write("\(name) ✅ Payment attempt SUCCEEDED (\(note))")
            log.write("\(name) Payment transaction completed successfully")
        case .declined:
            log.write("\(name) ❌ Payment attempt FAILED (card declined) - will not be retried")
            throw declined
        case .failed(let note, let reason):
            log.write("\(name) ❌ Payment attempt FAILED (\(note)) - Restate will retry")
            if stops.contains(charge.paymentID) { throw stopped }
            throw PaymentGatewayError(reason: reason)
        }
    }

    /// Ends as failed, and throws. Unless the gateway has said no, an attempt without answer may have moved the money.
    private func giveUp(_ row: PaymentRow, _ failure: TerminalError, _ ctx: ObjectContext) async throws {
        if failure != Self.declined {
            try await ctx.object(PaymentService.self, key: ctx.key).send(Self.voidCharge)
        }
        try await ctx.set(Self.status, .failed)
        try await update(row, to: .failed, ctx)
        ctx.logger.error(
            "[Payment Object \(ctx.key)] Payment processing failed after all retries: \(failure.message)")
        throw TerminalError("payment processing failed: \(failure.message)", code: failure.code)
    }

    private func refund(_ ctx: ObjectContext) async throws -> RefundReply {
        guard let status = try await ctx.get(Self.status) else { return RefundReply() }
        guard status == .completed else {
            return RefundReply(refundID: try await ctx.get(Self.refundID), status: status)
        }
        let (gateway, id) = (gateway, ctx.key)
        ctx.logger.info("[Payment Object \(id)] Refunding payment")
        _ = try await ctx.persist("refund") { _ = try await gateway.void(paymentID: id) }
        let nowMs = try await ctx.now().milliseconds
        let refundID = "refund_\(id)_\(nowMs / 1_000)"
        try await ctx.set(Self.refundID, refundID)
        try await ctx.set(Self.status, .refunded)
        try await enter("enter-refund", OrderLedger.refund(of: id), ctx)
        let row = PaymentRow(
            id: id, orderID: try await ctx.get(Self.orderID) ?? "",
            amount: Money(dollars: try await ctx.get(Self.amount) ?? 0) ?? Money(cents: 0), method: nil,
            status: .completed, updatedMs: nowMs)
        try await update(row, to: .refunded, ctx)
        ctx.logger.info("[Payment Object \(id)] Payment refunded: \(refundID)")
        return RefundReply(refundID: refundID, status: .refunded)
    }

    private func void(_ ctx: SharedObjectContext) async throws {
        let (gateway, id) = (gateway, ctx.key)
        let voiding = try await ctx.runFuture("void-charge", retry: .untilItWorks) {
            try await gateway.void(paymentID: id)
        }
        // Whoever cancels this does not want the money kept.
        let isVoided = try await insist { try await voiding.value() }
        guard !isVoided, let delay = gateway.lateArrival else { return }
        // The gateway knew no such charge, but one may have been under way: ask again when it must have arrived.
        let arrival = try await ctx.timer(delay)
        try await insist { try await arrival.value() }
        let again = try await ctx.runFuture("void-late-charge", retry: .untilItWorks) {
            try await gateway.void(paymentID: id)
        }
        _ = try await insist { try await again.value() }
    }

    private func enter(_ step: String, _ statement: SQLStatement, _ ctx: ObjectContext) async throws {
        guard serviceTables != nil else { return }
        _ = try await ctx.persist(step, statement)
    }

    private func update(_ row: PaymentRow, to status: PaymentStatus, _ ctx: ObjectContext) async throws {
        var row = row
        row.status = status
        row.updatedMs = try await ctx.now().milliseconds
        _ = try await save(
            row, ctx, "update-payment-row", "[DB] Updated payment status: \(row.id) -> \(status.rawValue)")
    }

    private func save(
        _ row: PaymentRow, _ ctx: ObjectContext, _ step: String, _ line: String
    ) async throws -> Bool {
        let (tables, log) = (tables, log)
        return try await ctx.persist(step) {
            try await tables.save(row)
            log.write(line)
        }
    }
}
