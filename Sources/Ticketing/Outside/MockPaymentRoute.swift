public import Reprise

/// The gateway that others can charge: `POST /api/mock-payment` charges, `DELETE /api/mock-payment/{key}` voids. It is
/// no part of the durable engine and keeps its book in memory; ids of charges with a key are the same after a restart.
public final class MockPaymentRoute: Sendable {
    private static let path = "/api/mock-payment"

    private struct Order: Decodable {
        var amount: Double?
        var paymentMethodId: String?
    }

    private struct Approval: Encodable {
        var success = true
        var transactionId: String
    }

    private struct Refusal: Encodable {
        var error: String
    }

    private let latency: Duration
    private let time: any Waiting
    private let log: TicketingLog
    private let book = ChargeBook()

    public init(latency: Duration, time: any Waiting = RealTime(), log: TicketingLog) {
        self.latency = latency
        self.time = time
        self.log = log
    }

    /// For the server to register.
    public var routes: [Route] {
        [
            .post(Self.path) { request, _ in try await self.charge(request) },
            .any(Self.path) { _, _ in .text("Method not allowed", status: .methodNotAllowed) },
            .delete("\(Self.path)/{key}") { request, _ in try self.void(request.parameter("key")) },
            .any("\(Self.path)/{key}") { _, _ in .text("Method not allowed", status: .methodNotAllowed) },
        ]
    }

    private func charge(_ request: RouteRequest) async throws -> RouteResponse {
        guard let order = try? request.json(Order.self) else {
            return try .json(Refusal(error: "invalid JSON body"), status: .badRequest)
        }
        let method = order.paymentMethodId ?? "undefined"
        log.write("[MockGateway] Processing payment: $\(amountText(order.amount)) via \(method)")
        try await time.wait(latency)
        switch method {
        case "card_decline":
            return try .json(Refusal(error: "Insufficient funds"), status: .init(code: 402))
        case "card_error":
            return try .json(Refusal(error: "Gateway timeout"), status: .serviceUnavailable)
        default:
            return try approve(key: request.header("idempotency-key"))
        }
    }

    private func approve(key: String?) throws -> RouteResponse {
        if let key, !book.charge(key) {
            return try .json(Refusal(error: "Charge was voided"), status: .init(code: 402))
        }
        let id = key.map(TransactionID.derived(from:)) ?? TransactionID.random()
        var response = try RouteResponse.json(Approval(transactionId: id))
        response.setHeader("x-version", "v2")
        return response
    }

    private func void(_ key: String) throws -> RouteResponse {
        book.void(key) ? .empty(.ok) : try .json(Refusal(error: "no such charge"), status: .notFound)
    }

    /// As JavaScript prints numbers: no fraction where there is none.
    private func amountText(_ amount: Double?) -> String {
        guard let amount else { return "undefined" }
        return amount == amount.rounded() && abs(amount) < 1e15 ? String(Int64(amount)) : String(amount)
    }
}
