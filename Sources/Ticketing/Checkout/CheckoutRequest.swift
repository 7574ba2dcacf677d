public import Reprise

/// Input of `Checkout/process`.
public struct CheckoutRequest: Codable, Hashable, Sendable, ValidatedInput {
    public var ticketId: String
    public var userId: String
    /// Absent counts as `card_success`.
    public var paymentMethodId: String?

    public init(ticketId: String, userId: String, paymentMethodId: String? = nil) {
        self.ticketId = ticketId
        self.userId = userId
        self.paymentMethodId = paymentMethodId
    }

    public var problem: String? {
        if ticketId.isEmpty { return "ticketId must not be empty" }
        return userId.isEmpty ? "userId must not be empty" : nil
    }
}
