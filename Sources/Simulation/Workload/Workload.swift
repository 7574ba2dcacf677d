import Reprise
import Ticketing

/// The gateway of the ticket shop, in the world outside.
struct FakeGateway: PaymentGateway {
    let hands: Hands
    let books: Books

    func charge(_ charge: Charge) async -> ChargeOutcome {
        do {
            let token = try await hands.reach(charge.idempotencyKey, "charge")
            guard hands.life.isAlive else { return .unknown(reason: "dead", isAnswered: false) }
            guard books.charge(charge.idempotencyKey) else { return .declined(reason: "voided before") }
            return .approved(transactionId: token)
        } catch is TerminalError {
            // A gateway says of one key what it has said before.
            return books.charged.contains(charge.idempotencyKey)
                ? .approved(transactionId: "again") : .declined(reason: "declined")
        } catch {
            // The answer is lost: the money may have moved.
            if hands.life.isAlive, charge.idempotencyKey.utf8.count % 2 == 0 { _ = books.charge(charge.idempotencyKey) }
            return .unknown(reason: "no answer", isAnswered: false)
        }
    }

    func void(idempotencyKey: String) async throws -> Bool {
        guard (try? await hands.reach(idempotencyKey, "void")) != nil else { throw OutsideFailed() }
        return hands.life.isAlive ? books.void(idempotencyKey) : false
    }
}

struct FakeMailer: Mailer {
    let hands: Hands
    let books: Books

    func deliver(_ mail: Mail) async throws {
        do {
            _ = try await hands.reach(mail.id, "mail")
        } catch is TerminalError {
            throw OutsideFailed()
        }
        if hands.life.isAlive { books.deliver(mail) }
    }
}

/// What a partner outside remembers, through every crash of the server.
///
/// `@unchecked Sendable`: a simulation has one thread, and everything in it happens there.
final class Books: @unchecked Sendable {
    private(set) var charged: Set<String> = []
    private(set) var voided: Set<String> = []
    /// Recipients by the id of the mail, which is the same for each repetition.
    private(set) var mails: [String: String] = [:]

    func charge(_ key: String) -> Bool {
        guard !voided.contains(key) else { return false }
        charged.insert(key)
        return true
    }

    func void(_ key: String) -> Bool {
        let wasKnown = charged.contains(key) || voided.contains(key)
        voided.insert(key)
        return wasKnown
    }

    func deliver(_ mail: Mail) { mails[mail.id] = mail.to }

    /// Money that was taken and not given back.
    var kept: Set<String> { charged.subtracting(voided) }
}

/// Everything that a simulated server serves.
enum Workload {
    static func services(_ hands: Hands, _ partners: Partners, _ holdMs: Int64) -> [any ServiceDefinition] {
        let (books, rooms) = (partners.books, partners.rooms)
        var configuration = TicketingConfiguration()
        configuration.holdMs = 4_000
        let log = TicketingLog { _ in }
        let shop = TicketingSystem(
            configuration, gateway: FakeGateway(hands: hands, books: books),
            mailer: FakeMailer(hands: hands, books: books), time: NoTime(), log: log)
        let own: [any ServiceDefinition] = [
            Account(hands: hands), Teller(hands: hands), Mailbox(hands: hands), Errand(hands: hands),
            Approval(hands: hands), Chorus(hands: hands), Clerk(hands: hands), Trip(hands: hands, rooms: rooms),
            Bookkeeper(hands: hands),
        ]
        return own + shop.services + OrderShop.services(hands, partners) + SeatHall.services(holdMs: holdMs)
    }
}

/// Nothing of the shop waits by itself: the world decides how long everything takes.
private struct NoTime: Waiting {
    func wait(_ duration: Duration) async throws {}
}
