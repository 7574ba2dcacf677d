public import Reprise

/// Sells one seat to one user: hold, pay, confirm, and a mail. Whatever ends it before the sale is final undoes what it
/// did; a crash only interrupts it.
public struct Checkout: Service {
    /// Sells a seat; `Booking Confirmed`, or an error that says why not.
    public static let process = handler("process", Checkout.sell)

    public static let handlers: Handlers = [process]

    let gateway: any PaymentGateway
    let log: TicketingLog

    public init(gateway: any PaymentGateway, log: TicketingLog) {
        self.gateway = gateway
        self.log = log
    }

    private func sell(_ ctx: ServiceContext, _ request: CheckoutRequest) async throws -> String {
        let method = request.paymentMethodId ?? "card_success"
        let (seat, user) = (request.ticketId, request.userId)
        ctx.logger.info(
            "[DEBUG] Checkout process started for ticket: \(seat), user: \(user), paymentMethod: \(method)")
        let ticket = ctx.object(Ticket.self, key: seat)
        let seatMap = ctx.object(SeatMap.self, key: SeatMap.globalKey)
        let charge = Charge(
            amount: Venue.pricePerTicket, paymentMethodId: method, idempotencyKey: ctx.derivedKey("charge"))
        var undo = Compensation(seatID: seat, token: ctx.invocationID, chargeKey: charge.idempotencyKey)
        do {
            undo.add(.freeSeat)
            let hold = try await ticket.call(
                Ticket.reserve, ReserveRequest(userId: user, token: ctx.invocationID))
            _ = try await seatMap.call(
                SeatMap.set, SeatUpdate(seatId: seat, status: .reserved, version: hold.version))

            // From here on money may move. If the wait is cut short by a cancellation, the charge goes on unheard: the
            // compensation waits for its end before it asks for the money back.
            let payment = try await startPayment(ctx, charge)
            undo.add(.voidPayment(payment))
            let outcome = try await payment.value()
            if let failure = outcome.failure { throw TerminalError("Payment failed: Payment declined: \(failure)") }

            let sale = try await ticket.call(Ticket.confirm, ConfirmRequest(token: ctx.invocationID))
            _ = try await seatMap.call(SeatMap.set, SeatUpdate(seatId: seat, status: .sold, version: sale.version))
        } catch let error as TerminalError {
            if !Seat.Refusal.refusesHold(error) { try await undo.perform(ctx) }
            throw error
        }
        try await sendMail(ctx, request)
        return "Booking Confirmed"
    }

    private func startPayment(_ ctx: ServiceContext, _ charge: Charge) async throws -> DurableFuture<ChargeOutcome> {
        let (gateway, log) = (gateway, log)
        return try await ctx.runFuture("process-payment") {
            log.write("[DEBUG] Processing payment of $\(charge.amount) with method: \(charge.paymentMethodId)")
            let outcome = await gateway.charge(charge)
            switch outcome {
            case .approved: log.write("Payment successful")
            case .declined: log.write("Payment declined by gateway")
            case .unknown: log.write("Payment gateway timeout")
            }
            return outcome
        }
    }

    /// The sale is final: no fate of the mail, and no late cancellation, may take it back.
    private func sendMail(_ ctx: ServiceContext, _ request: CheckoutRequest) async throws {
        let mail = Mail(
            id: ctx.derivedKey("mail"), to: request.userId, subject: "Booking Confirmed",
            body: "You have successfully purchased ticket \(request.ticketId).")
        do {
            try await ctx.service(MailService.self).send(MailService.deliver, mail)
        } catch is TerminalError {
            try await ctx.service(MailService.self).send(MailService.deliver, mail)
        }
    }
}

extension Seat.Refusal {
    /// Whether the ticket has said no, so that there is nothing to undo.
    static func refusesHold(_ error: TerminalError) -> Bool {
        error == Seat.Refusal.sold.error || error == Seat.Refusal.reserved.error
    }
}
