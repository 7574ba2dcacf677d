import Foundation
import Reprise

/// The web shop's view of orders: `/api/checkout` and `/api/orders`.
struct OrderRoutes: Sendable {
    /// Input of `POST /api/checkout`. Other fields, such as a merchant, are not needed here.
    private struct Checkout: Decodable {
        var customerID: String?
        var items: [OrderItem]?
        var paymentMethod: PaymentMethod?

        init(from decoder: any Decoder) throws {
            let fields = try Fields(decoder)
            customerID = try fields.optional("customer_id")
            items = try fields.optional("items")
            paymentMethod = try fields.optional("payment_method")
        }
    }

    let tables: any OrderTables

    var routes: [Route] {
        [
            .post("/api/checkout") { try await checkOut($0, $1) },
            .get("/api/orders") { request, _ in try await list(request) },
            .get("/api/orders/{id}") { try await show($0.parameter("id"), $1) },
            .post("/api/orders/{id}/cancel") { try await cancel($0.parameter("id"), $1) },
        ]
    }

    // MARK: Checkout

    private func checkOut(_ request: RouteRequest, _ client: RepriseClient) async throws -> RouteResponse {
        guard let checkout = try? request.json(Checkout.self) else {
            return .text("invalid JSON body", status: .badRequest)
        }
        guard let customer = checkout.customerID, let items = checkout.items, !customer.isEmpty, !items.isEmpty else {
            return .text("customer_id and items are required", status: .badRequest)
        }
        let order = CreateOrderRequest(customerID: customer, items: items, paymentMethod: checkout.paymentMethod)
        if let problem = order.problem { return .text(problem, status: .badRequest) }
        let id = try await submit(order, key: request.header("idempotency-key"), client)
        return try .json(CheckoutReply(orderID: id))
    }

    /// With a key, an order of its own id, however often it is sent; without, one of a fresh id.
    private func submit(_ order: CreateOrderRequest, key: String?, _ client: RepriseClient) async throws -> String {
        if let key, !key.isEmpty {
            let id = "web-\(OrderKey.digest(of: key))"
            try await client.workflow(OrderService.self, key: id).send(OrderService.createOrder, order)
            return id
        }
        while true {
            let id = "web-\(UUID().uuidString.lowercased().prefix(8))"
            let sent = try await client.workflow(OrderService.self, key: id).send(OrderService.createOrder, order)
            if sent.isNew { return id }
        }
    }

    // MARK: Looking

    private static let pageSizeMax = 50

    private func list(_ request: RouteRequest) async throws -> RouteResponse {
        let size = request.queryValue("page_size").map { Int($0) ?? 0 } ?? Self.pageSizeMax
        guard size > 0 else { return .text("page_size must be a number of at least 1", status: .badRequest) }
        let limit = min(size, Self.pageSizeMax)
        var after: OrderListing.Position?
        if let token = request.queryValue("page_token"), !token.isEmpty {
            after = PageToken.position(in: token)
            if after == nil { return .text("page_token is not one of this server's", status: .badRequest) }
        }
        let found: [OrderListing]
        do {
            found = try await tables.orders(
                customerID: request.queryValue("customer_id"), after: after, limit: limit + 1)
        } catch {
            return .text("the orders database is unavailable", status: .serviceUnavailable)
        }
        let page = found.prefix(limit)
        return try .json(
            OrderList(
                orders: page.map(OrderList.Order.init),
                nextPageToken: found.count > limit ? page.last.map { PageToken.text($0.position) } : nil))
    }

    private func show(_ id: String, _ client: RepriseClient) async throws -> RouteResponse {
        guard let state = try await client.object(OrderRecord.self, key: id).call(OrderRecord.get) else {
            return .text("order not found or DB unavailable", status: .notFound)
        }
        return try .json(OrderDetail(id: id, state))
    }

    private func cancel(_ id: String, _ client: RepriseClient) async throws -> RouteResponse {
        let reply = try await client.workflow(OrderService.self, key: id).call(OrderService.cancelOrder)
        return try .json(reply, status: reply.success ? .ok : .conflict)
    }
}

/// Ids for orders that are sent with a key.
private enum OrderKey {
    /// 32 hexadecimal digits: FNV-1a from two starts, each finished by SplitMix64's mixing. Not a secret.
    static func digest(of key: String) -> String {
        [0xCBF2_9CE4_8422_2325, 0x6C62_272E_07BB_0142].map { (start: UInt64) in
            var hash = start
            for byte in key.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
            hash = (hash ^ (hash >> 30)) &* 0xBF58_476D_1CE4_E5B9
            hash = (hash ^ (hash >> 27)) &* 0x94D0_49BB_1331_11EB
            let digits = String(hash ^ (hash >> 31), radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
}

/// Where a page ends: the next one begins behind it, whatever has changed before.
private enum PageToken {
    static func text(_ position: OrderListing.Position) -> String {
        Data("\(position.updatedAt)/\(position.id)".utf8).base64EncodedString()
            .replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_")
    }

    static func position(in token: String) -> OrderListing.Position? {
        let base64 = token.replacingOccurrences(of: "-", with: "+").replacingOccurrences(of: "_", with: "/")
        guard let data = Data(base64Encoded: base64), let text = String(validating: data, as: UTF8.self) else {
            return nil
        }
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        return OrderListing.Position(updatedAt: String(parts[0]), id: String(parts[1]))
    }
}
