import HTTPTypes
import Reprise
import RepriseTesting
import Testing

@testable import Ticketing

/// What the shop of a test needs of an engine.
protocol ShopEngine: Sendable {
    var client: RepriseClient { get }
    /// `Service/handler` or `Service/key/handler`, with a JSON body; the answer as text. Throws the `TerminalError`
    /// that a client sees.
    func request(_ path: String, _ body: String, idempotencyKey: String?) async throws -> String
    func settle() async throws
    /// What should never happen: replays that differ, invocations that are given up.
    var troubles: [String] { get async }
}

extension ShopEngine {
    func request(_ path: String, _ body: String = "") async throws -> String {
        try await request(path, body, idempotencyKey: nil)
    }

    /// The error, nil when the request succeeds.
    func refusal(_ path: String, _ body: String = "") async throws -> TerminalError? {
        do {
            _ = try await request(path, body)
            return nil
        } catch let error as TerminalError {
            return error
        }
    }
}

/// The shop on the production engine.
typealias Shop = TicketShop<TestRuntime>

extension TestRuntime: ShopEngine {
    private struct Failure: Decodable {
        var code: Int
        var message: String
    }

    func request(_ path: String, _ body: String, idempotencyKey: String?) async throws -> String {
        let response = try await request(
            .post, "/\(path)", headers: idempotencyKey.map { [.init("idempotency-key")!: $0] } ?? [:], body: body)
        guard response.status >= 300 else { return response.text }
        let failure = try response.json(as: Failure.self)
        throw TerminalError(failure.message, code: failure.code)
    }

    var troubles: [String] {
        get async {
            let paused = await invocations.filter { $0.status == .paused }.map { "\($0.address): \($0.lastFailure ?? "")" }
            return differences.map(\.description) + paused
        }
    }

    /// Waits until what is outside has come so far; an error after a minute: compilers may be at work beside.
    func until(_ what: String, _ condition: () -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while !condition() {
            try #require(ContinuousClock.now < deadline, "never: \(what)")
            await Task.yield()
        }
    }
}

struct TicketShop<Engine: ShopEngine>: Sendable {
    let runtime: Engine
    let gateway = FakeGateway()
    let mailer = FakeMailer()
    let lines = Lines()

    static var untouched: String { #"{"reservedBy":null,"reservedUntil":null,"status":"AVAILABLE"}"# }

    init(holdMs: Int64 = 900_000, engine: ([any ServiceDefinition]) throws -> Engine) throws {
        var configuration = TicketingConfiguration()
        configuration.holdMs = holdMs
        let system = TicketingSystem(configuration, gateway: gateway, mailer: mailer, log: lines.log)
        runtime = try engine(system.services)
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

    /// The id of a checkout that has begun.
    func submit(_ seat: String, _ user: String, _ method: String = "card_success") async throws -> String {
        let request = CheckoutRequest(ticketId: seat, userId: user, paymentMethodId: method)
        return try await runtime.client.service(Checkout.self).send(Checkout.process, request).id
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
        #expect(await runtime.troubles == [], sourceLocation: sourceLocation)
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

extension TicketShop<TestRuntime> {
    init(holdMs: Int64 = 900_000, crashes: CrashPlan? = nil) throws {
        try self.init(holdMs: holdMs) { try TestRuntime($0, crashes: crashes) }
    }
}
