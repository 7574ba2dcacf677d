import Reprise

/// What a checkout must take back if it does not end in a sale, last things first. Entries are added before the step
/// that they undo, since a step that was cut short may have happened; each undoing does nothing if it did not.
struct Compensation {
    enum Step {
        case freeSeat
        case voidPayment(DurableFuture<ChargeOutcome>)
    }

    let seatID: String
    let token: String
    let chargeKey: String
    private var steps: [Step] = []

    init(seatID: String, token: String, chargeKey: String) {
        self.seatID = seatID
        self.token = token
        self.chargeKey = chargeKey
    }

    mutating func add(_ step: Step) { steps.append(step) }

    /// Does it all, whatever cancellations arrive meanwhile.
    func perform(_ ctx: ServiceContext) async throws {
        for step in steps.reversed() {
            switch step {
            case .voidPayment(let payment): try await voidPayment(payment, ctx)
            case .freeSeat: try await freeSeat(ctx)
            }
        }
    }

    /// Asks for the money back unless it is certain that none has moved. One way: the caller does not wait for a
    /// gateway that may be down, and the request outlives this checkout.
    private func voidPayment(_ payment: DurableFuture<ChargeOutcome>, _ ctx: ServiceContext) async throws {
        var request = VoidRequest(chargeKey: chargeKey, mayArriveLate: true)
        do {
            switch try await payment.value() {
            case .declined: return
            case .approved: request.mayArriveLate = false
            case .unknown(_, let isAnswered): request.mayArriveLate = !isAnswered
            }
        } catch is TerminalError {
            // Cancelled: the charge may have been made, or be on its way.
        }
        let payments = ctx.service(PaymentService.self)
        do {
            try await payments.send(PaymentService.void, request)
        } catch is TerminalError {
            try await payments.send(PaymentService.void, request)
        }
    }

    /// Ticket first, since it is the truth, then the view. A release that is not waited for reports to the view itself.
    private func freeSeat(_ ctx: ServiceContext) async throws {
        let ticket = ctx.object(Ticket.self, key: seatID)
        let release = ReleaseRequest(token: token, includesSale: true)
        do {
            guard let version = try await ticket.call(Ticket.release, release).version else { return }
            _ = try await ctx.object(SeatMap.self, key: SeatMap.globalKey).call(
                SeatMap.set, SeatUpdate(seatId: seatID, status: .available, version: version))
        } catch is TerminalError {
            try await ticket.send(Ticket.release, release)
        }
    }
}
