/// Whoever moves the money.
public protocol PaymentGateway: Sendable {
    /// Charges once per idempotency key, however often it is asked. Takes at most about 1.6 seconds: the buyer waits.
    /// What goes wrong on the way is an outcome, not an error.
    func charge(_ charge: Charge) async -> ChargeOutcome
    /// Takes a charge back; repeating it is harmless.
    ///
    /// - Returns: whether there was such a charge.
    /// - Throws: when the gateway did not answer; ask again.
    func void(idempotencyKey: String) async throws -> Bool
}

/// One payment.
public struct Charge: Codable, Hashable, Sendable {
    /// In dollars.
    public var amount: Int
    public var paymentMethodId: String
    /// The same for every attempt of one purchase.
    public var idempotencyKey: String
}

/// How a charge ended.
public enum ChargeOutcome: Codable, Hashable, Sendable {
    case approved(transactionId: String)
    /// Final: no money moved.
    case declined(reason: String)
    /// The money may have moved. `isAnswered`: the gateway has spoken, so the charge is not still on its way to it.
    case unknown(reason: String, isAnswered: Bool)

    static func declined(method: String) -> ChargeOutcome {
        .declined(reason: "Payment declined (Method: \(method))")
    }

    static func timedOut(isAnswered: Bool) -> ChargeOutcome {
        .unknown(reason: "Gateway timeout", isAnswered: isAnswered)
    }

    /// Why there is no sale, nil when there is.
    var failure: String? {
        switch self {
        case .approved: nil
        case .declined(let reason), .unknown(let reason, _): reason
        }
    }
}
