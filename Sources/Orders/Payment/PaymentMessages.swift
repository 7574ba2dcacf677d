import Reprise

/// Where a payment is. It only moves forward.
enum PaymentStatus: String, Codable, Hashable, Sendable {
    case pending = "PAYMENT_PENDING"
    case processing = "PAYMENT_PROCESSING"
    case completed = "PAYMENT_COMPLETED"
    case failed = "PAYMENT_FAILED"
    case refunded = "PAYMENT_REFUNDED"

    func canBecome(_ next: PaymentStatus) -> Bool {
        switch (self, next) {
        case (_, .pending): false
        case (.pending, _), (.processing, .completed), (.processing, .failed), (.completed, .refunded): true
        default: false
        }
    }
}

/// How somebody pays. Only what is needed is kept: it is journaled.
enum PaymentMethod: Codable, Hashable, Sendable {
    case creditCard(number: String)
    case bankTransfer
    case digitalWallet

    /// What an order without a method is paid with.
    static let standard = PaymentMethod.creditCard(number: "****-****-****-1234")
    /// The card that is always declined.
    static let declinedCardNumber = "4000000000000002"

    /// As the payments table has it.
    var text: String {
        switch self {
        case .creditCard: "CREDIT_CARD"
        case .bankTransfer: "BANK_TRANSFER"
        case .digitalWallet: "DIGITAL_WALLET"
        }
    }

    private struct Card: Codable {
        var number: String

        init(number: String) { self.number = number }
        enum CodingKeys: String, CodingKey { case number = "card_number" }

        init(from decoder: any Decoder) throws {
            number = try Fields(decoder).optional("card_number") ?? ""
        }
    }

    private struct Unread: Codable {}

    private enum CodingKeys: String, CodingKey {
        case creditCard = "credit_card"
        case bankTransfer = "bank_transfer"
        case digitalWallet = "digital_wallet"
    }

    init(from decoder: any Decoder) throws {
        guard let method = try PaymentMethod(Fields(decoder)) else {
            throw InputProblem("payment_method must have credit_card, bank_transfer or digital_wallet")
        }
        self = method
    }

    /// nil when none of the three is there.
    init?(_ fields: Fields) throws {
        if let card: Card = try fields.optional("credit_card") {
            self = .creditCard(number: card.number)
        } else if try fields.optional("bank_transfer", Unread.self) != nil {
            self = .bankTransfer
        } else if try fields.optional("digital_wallet", Unread.self) != nil {
            self = .digitalWallet
        } else {
            return nil
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .creditCard(let number): try container.encode(Card(number: number), forKey: .creditCard)
        case .bankTransfer: try container.encode(Unread(), forKey: .bankTransfer)
        case .digitalWallet: try container.encode(Unread(), forKey: .digitalWallet)
        }
    }
}

/// Input of `ProcessPayment`.
struct ProcessPaymentRequest: Codable, Hashable, Sendable, ValidatedInput {
    var orderID: String
    /// In dollars.
    var amount: Double
    /// nil is allowed and recorded as UNKNOWN.
    var method: PaymentMethod?

    init(orderID: String, amount: Money, method: PaymentMethod?) {
        self.orderID = orderID
        self.amount = amount.dollars
        self.method = method
    }

    enum CodingKeys: String, CodingKey {
        case amount
        case orderID = "order_id"
        case method = "payment_method"
    }

    init(from decoder: any Decoder) throws {
        let fields = try Fields(decoder)
        orderID = try fields.required("order_id")
        amount = try fields.required("amount")
        // An empty method is none. Protobuf's JSON has the alternatives beside the other fields.
        struct AnyMethod: Decodable {
            let method: PaymentMethod?
            init(from decoder: any Decoder) throws { method = try PaymentMethod(Fields(decoder)) }
        }
        method = try fields.optional("payment_method", AnyMethod.self)?.method ?? PaymentMethod(fields)
    }

    /// Zero for what `problem` refuses.
    var money: Money { Money(dollars: amount) ?? Money(cents: 0) }

    var problem: String? {
        if orderID.isEmpty { return "order_id must not be empty" }
        return Money(dollars: amount) == nil ? "amount must be from 0 to \(Money.max.text)" : nil
    }
}

/// Output of `ProcessPayment`.
struct PaymentReply: Codable, Hashable, Sendable {
    var paymentID: String
    var status: PaymentStatus

    enum CodingKeys: String, CodingKey {
        case status
        case paymentID = "payment_id"
    }
}

/// Output of `ProcessRefund`.
struct RefundReply: Codable, Hashable, Sendable {
    /// nil when there was nothing to give back.
    var refundID: String?
    /// What has become of the payment; nil when there never was one.
    var status: PaymentStatus?

    enum CodingKeys: String, CodingKey {
        case status
        case refundID = "refund_id"
    }
}
