import Reprise

/// Whoever moves the money.
package protocol PaymentGateway: Sendable {
    /// What is logged when an attempt begins.
    var announcement: String { get }
    /// The longest wait between two attempts.
    var longestPause: Duration { get }
    /// How long after it was sent a charge whose answer was lost may reach the gateway; nil: not at all.
    var lateArrival: Duration? { get }

    /// Charges once per payment, however often it is asked.
    ///
    /// - Parameter attempt: Counts the attempts of this payment from 1, over restarts.
    func charge(_ charge: Charge, attempt: Int) async -> ChargeOutcome
    /// Takes a charge back; repeating it is harmless.
    ///
    /// - Returns: whether there was such a charge.
    /// - Throws: when the gateway did not answer; ask again.
    func void(paymentID: String) async throws -> Bool
}

/// One payment.
package struct Charge: Sendable {
    /// The same for every attempt: the gateway's idempotency key.
    package var paymentID: String
    var amount: Money
    var method: PaymentMethod?

    package var isDeclined: Bool { method == .creditCard(number: PaymentMethod.declinedCardNumber) }
}

/// How one attempt ended.
package enum ChargeOutcome: Hashable, Sendable {
    /// `note` explains it in the log.
    case approved(note: String)
    /// Final: no money moved, and none will.
    case declined
    /// The money may have moved; the next attempt will tell.
    case failed(note: String, reason: String)
}

/// An attempt that the engine is to repeat.
struct PaymentGatewayError: Error, CustomStringConvertible {
    let reason: String

    var description: String { "payment gateway error: \(reason)" }
}
