import Synchronization

@testable import Ticketing

/// A gateway that counts, and can be stopped in the middle.
final class FakeGateway: PaymentGateway {
    struct Book {
        /// Every request to charge, in order.
        var requests: [Charge] = []
        /// Money that moved, by idempotency key.
        var charged: Set<String> = []
        var voided: Set<String> = []
        var voidRequests = 0
        var failingVoids = 0
        var isOpen = true
        var waiting: [CheckedContinuation<Void, Never>] = []

        var kept: Int { charged.subtracting(voided).count }
    }

    private let book = Mutex(Book())

    func look<Result: Sendable>(_ body: (inout Book) -> Result) -> Result { book.withLock { body(&$0) } }

    func close() { look { $0.isOpen = false } }

    func open() {
        let waiting = look { book in
            defer { book.waiting = [] }
            book.isOpen = true
            return book.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    func charge(_ charge: Charge) async -> ChargeOutcome {
        look { $0.requests.append(charge) }
        await withCheckedContinuation { continuation in
            let isOpen = look { book in
                if !book.isOpen { book.waiting.append(continuation) }
                return book.isOpen
            }
            if isOpen { continuation.resume() }
        }
        switch charge.paymentMethodId {
        case "card_decline": return .declined(method: charge.paymentMethodId)
        case "card_error": return .timedOut(isAnswered: true)
        case "card_lost_answer":
            look { _ = $0.charged.insert(charge.idempotencyKey) }
            return .timedOut(isAnswered: false)
        default:
            look { _ = $0.charged.insert(charge.idempotencyKey) }
            return .approved(transactionId: TransactionID.derived(from: charge.idempotencyKey))
        }
    }

    func void(idempotencyKey: String) async throws -> Bool {
        struct Down: Error {}
        return try book.withLock { book in
            book.voidRequests += 1
            if book.failingVoids > 0 {
                book.failingVoids -= 1
                throw Down()
            }
            guard book.charged.contains(idempotencyKey) else { return false }
            book.voided.insert(idempotencyKey)
            return true
        }
    }
}

/// A mail server that counts, or refuses everything.
final class FakeMailer: Mailer {
    struct Refused: Error {}

    private let state = Mutex((mails: [Mail](), attempts: 0, refuses: false))

    var mails: [Mail] { state.withLock(\.mails) }
    /// Different mails, as a receiver who drops repetitions counts them.
    var sales: Set<String> { Set(mails.map(\.id)) }
    var attempts: Int { state.withLock(\.attempts) }

    func refuseAll() { state.withLock { $0.refuses = true } }

    func deliver(_ mail: Mail) async throws {
        try state.withLock {
            $0.attempts += 1
            if $0.refuses { throw Refused() }
            $0.mails.append(mail)
        }
    }
}

final class Lines: Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }
    var log: TicketingLog { TicketingLog { line in self.lines.withLock { $0.append(line) } } }
}
