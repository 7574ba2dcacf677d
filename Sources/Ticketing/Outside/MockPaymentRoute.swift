public import Reprise
import Synchronization

/// The gateway that others can charge: `POST /api/mock-payment` charges, `DELETE /api/mock-payment/{key}` voids. It is no
/// part of the durable engine and keeps its book in memory; ids of charges with a key are the same after a restart.
public final class MockPaymentRoute: Sendable {
    private static let path = "/api/mock-payment"
    /// Keys that are remembered; the oldest go first.
    private static let maxKeys = 100_000

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

    private struct Book {
        enum Mark { case charged, voided }
        var marks: [String: Mark] = [:]
        var keys: [String] = []

        mutating func note(_ mark: Mark, _ key: String) {
            if marks.updateValue(mark, forKey: key) == nil { keys.append(key) }
            guard keys.count > MockPaymentRoute.maxKeys else { return }
            let oldest = keys.prefix(MockPaymentRoute.maxKeys / 10)
            for key in oldest { marks[key] = nil }
            keys.removeFirst(oldest.count)
        }
    }

    private let latency: Duration
    private let time: any Waiting
    private let log: TicketingLog
    private let book = Mutex(Book())

    public init(latency: Duration, time: any Waiting = RealTime(), log: TicketingLog) {
        self.latency = latency
        self.time = time
        self.log = log
    }

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
        if let key {
            // A void can overtake the charge that it is meant for.
            let isVoided = book.withLock { book in
                if book.marks[key] == .voided { return true }
                book.note(.charged, key)
                return false
            }
            if isVoided { return try .json(Refusal(error: "Charge was voided"), status: .init(code: 402)) }
        }
        let id = key.map(TransactionID.derived(from:)) ?? TransactionID.random()
        var response = try RouteResponse.json(Approval(transactionId: id))
        response.setHeader("x-version", "v2")
        return response
    }

    private func void(_ key: String) throws -> RouteResponse {
        let wasKnown = book.withLock { book in
            defer { book.note(.voided, key) }
            return book.marks[key] != nil
        }
        return wasKnown ? .empty(.ok) : try .json(Refusal(error: "no such charge"), status: .notFound)
    }

    /// As JavaScript prints numbers: no fraction where there is none.
    private func amountText(_ amount: Double?) -> String {
        guard let amount else { return "undefined" }
        return amount == amount.rounded() && abs(amount) < 1e15 ? String(Int64(amount)) : String(amount)
    }
}
