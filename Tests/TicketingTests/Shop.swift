import Reprise
import RepriseTesting
import Testing

@testable import Ticketing

/// The shop on the production engine.
typealias Shop = TicketShop<TestRuntime>

struct TicketShop<Engine: TestedEngine>: Sendable {
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
