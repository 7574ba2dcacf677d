/// A gateway in this process: decides by the payment method, after a while.
public struct SimulatedGateway: PaymentGateway {
    let latency: Duration
    let time: any Waiting
    private let book = ChargeBook()

    public init(latency: Duration, time: any Waiting = RealTime()) {
        self.latency = latency
        self.time = time
    }

    public func charge(_ charge: Charge) async -> ChargeOutcome {
        do {
            try await time.wait(latency)
        } catch {
            return .timedOut(isAnswered: false)
        }
        switch charge.paymentMethodId {
        case "card_decline": return .declined(method: charge.paymentMethodId)
        case "card_error": return .timedOut(isAnswered: true)
        default:
            guard book.charge(charge.idempotencyKey) else { return .declined(method: charge.paymentMethodId) }
            return .approved(transactionId: TransactionID.derived(from: charge.idempotencyKey))
        }
    }

    public func void(idempotencyKey: String) async throws -> Bool { book.void(idempotencyKey) }
}
