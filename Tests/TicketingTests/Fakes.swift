import Synchronization
import Testing

@testable import Reprise
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

/// The shop on the engine in memory.
struct Shop {
    let runtime: MemoryRuntime
    let gateway = FakeGateway()
    let mailer = FakeMailer()
    let lines = Lines()

    static let untouched = #"{"reservedBy":null,"reservedUntil":null,"status":"AVAILABLE"}"#

    init(holdMs: Int64 = 900_000) throws {
        var configuration = TicketingConfiguration()
        configuration.holdMs = holdMs
        let system = TicketingSystem(configuration, gateway: gateway, mailer: mailer, log: lines.log)
        runtime = try MemoryRuntime(system.services)
    }

    static func order(_ seat: String, _ user: String, _ method: String? = "card_success") -> String {
        let method = method.map { #","paymentMethodId":"\#($0)""# } ?? ""
        return #"{"ticketId":"\#(seat)","userId":"\#(user)"\#(method)}"#
    }

    /// `Booking Confirmed`, or the message of the error.
    func checkout(_ seat: String, _ user: String, _ method: String? = "card_success") async throws -> String {
        do {
            return try await runtime.request("Checkout/process", Self.order(seat, user, method))
        } catch let error as TerminalError {
            return error.message
        }
    }

    func submit(_ seat: String, _ user: String, _ method: String = "card_success") -> String {
        runtime.submit("Checkout/process", Self.order(seat, user, method))
    }

    func outcome(_ id: String) async throws -> String {
        do {
            return try await runtime.client.attach(id, of: Checkout.process)
        } catch let error as TerminalError {
            return error.message
        }
    }

    func ticket(_ seat: String) async throws -> String { try await runtime.request("Ticket/\(seat)/get", "{}") }

    func map() async throws -> [SeatLine] {
        try await runtime.client.object(SeatMap.self, key: "global").call(SeatMap.get)
    }

    func view(_ seat: String) async throws -> SeatStatus? { try await map().first { $0.id == seat }?.status }

    /// What must hold whenever everything has come to rest.
    func audit(_ seats: [String], confirmed: Int, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        try await runtime.settle()
        #expect(runtime.faults == [], sourceLocation: sourceLocation)
        #expect(gateway.look(\.kept) == confirmed, "charges kept", sourceLocation: sourceLocation)
        #expect(mailer.sales.count == confirmed, "mails", sourceLocation: sourceLocation)
        let map = try await map()
        for seat in seats {
            let state = try await runtime.client.object(Ticket.self, key: seat).call(Ticket.get)
            let view = map.first { $0.id == seat }?.status ?? .available
            #expect(state.status == view, "\(seat) and its view", sourceLocation: sourceLocation)
            #expect(state.status != .reserved, "\(seat) is left reserved", sourceLocation: sourceLocation)
        }
    }
}
