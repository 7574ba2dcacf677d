import Foundation
import Synchronization
import Testing

@testable import Reprise
@testable import Ticketing

@Suite struct MockPaymentTests {
    private final class Recorder: Waiting {
        private let waits = Mutex<[Duration]>([])
        var all: [Duration] { waits.withLock { $0 } }
        func wait(_ duration: Duration) async throws { waits.withLock { $0.append(duration) } }
    }

    private let time: Recorder
    private let lines = Lines()
    private let table: RouteTable
    private let client: RepriseClient

    init() throws {
        time = Recorder()
        let route = MockPaymentRoute(latency: .milliseconds(500), time: time, log: lines.log)
        table = try RouteTable(route.routes, services: [])
        client = RepriseClient(try MemoryRuntime([]))
    }

    private struct Answer {
        let status: Int
        let body: String
        let response: RouteResponse
        var transactionId: String? {
            try? JSONDecoder().decode([String: Value].self, from: Data(body.utf8))["transactionId"]?.text
        }
        struct Value: Decodable {
            let text: String?
            init(from decoder: any Decoder) throws { text = try? decoder.singleValueContainer().decode(String.self) }
        }
    }

    private func ask(
        _ method: HTTPMethod, _ path: String = "/api/mock-payment", _ body: String = "", key: String? = nil
    ) async throws -> Answer {
        guard case .route(let route, let parameters) = table.match(.init(method.rawValue) ?? .get, path: path) else {
            throw CocoaError(.fileNoSuchFile)
        }
        var request = RouteRequest(method: .post, path: path, parameters: parameters, body: Array(body.utf8))
        if let key { request.headers[.init("Idempotency-Key") ?? .eTag] = key }
        let response = try await route.body(request, client)
        guard case .bytes(let bytes) = response.body else { throw CocoaError(.coderInvalidValue) }
        return Answer(status: response.status.code, body: String(decoding: bytes, as: UTF8.self), response: response)
    }

    private enum HTTPMethod: String {
        case post = "POST"
        case get = "GET"
        case delete = "DELETE"
        case put = "PUT"
    }

    private func order(_ method: String) -> String { #"{"amount":100,"paymentMethodId":"\#(method)"}"# }

    @Test func successesHaveFreshIds() async throws {
        let first = try await ask(.post, "/api/mock-payment", order("card_success"))
        let second = try await ask(.post, "/api/mock-payment", order("whatever"))
        #expect(first.status == 200)
        #expect(first.body.hasPrefix(#"{"success":true,"transactionId":""#))
        #expect(first.response.headers[.init("x-version") ?? .eTag] == "v2")
        let id = try #require(first.transactionId)
        #expect(try #/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/#.wholeMatch(in: id) != nil)
        #expect(second.transactionId != id)
        #expect(time.all == [.milliseconds(500), .milliseconds(500)])
        #expect(lines.all.first == "[MockGateway] Processing payment: $100 via card_success")
    }

    @Test func failuresAreTheGateways() async throws {
        let declined = try await ask(.post, "/api/mock-payment", order("card_decline"))
        #expect((declined.status, declined.body) == (402, #"{"error":"Insufficient funds"}"#))
        let broken = try await ask(.post, "/api/mock-payment", order("card_error"))
        #expect((broken.status, broken.body) == (503, #"{"error":"Gateway timeout"}"#))
        let nonsense = try await ask(.post, "/api/mock-payment", "nonsense")
        #expect((nonsense.status, nonsense.body) == (400, #"{"error":"invalid JSON body"}"#))
        #expect(time.all.count == 2)
    }

    @Test(arguments: ["GET", "PUT", "DELETE"]) func otherMethodsAreRefused(_ method: String) async throws {
        let answer = try await ask(try #require(HTTPMethod(rawValue: method)))
        #expect((answer.status, answer.body) == (405, "Method not allowed"))
        #expect(answer.response.headers[.contentType] == "text/plain; charset=utf-8")
    }

    @Test func oneKeyIsOneCharge() async throws {
        let first = try await ask(.post, "/api/mock-payment", order("card_success"), key: "k")
        let second = try await ask(.post, "/api/mock-payment", order("card_success"), key: "k")
        #expect(first.body == second.body)
        let other = try await ask(.post, "/api/mock-payment", order("card_success"), key: "l")
        #expect(other.transactionId != first.transactionId)
        #expect(TransactionID.derived(from: "k") == first.transactionId, "also after a restart")
    }

    @Test func aVoidIsIdempotentAndFinal() async throws {
        _ = try await ask(.post, "/api/mock-payment", order("card_success"), key: "k/1")
        for _ in 1...2 { #expect(try await ask(.delete, "/api/mock-payment/k%2F1").status == 200) }
        #expect(try await ask(.delete, "/api/mock-payment/unknown").status == 404)
        let late = try await ask(.post, "/api/mock-payment", order("card_success"), key: "unknown")
        #expect(late.status == 402, "a charge that its void has overtaken")
    }
}
