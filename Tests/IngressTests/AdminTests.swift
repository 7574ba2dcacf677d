import Admin
import DurableModel
import HTTPWire
import Testing

@testable import Ingress

@Suite struct AdminTests {
    @Test(arguments: ["", "/v2", "/v3", "/v4"])
    func healthAndVersion(prefix: String) {
        #expect(adminReply("GET \(prefix)/health") == HTTPReply(status: 200))
        #expect(
            adminReply("GET \(prefix)/version").text
                == #"{"version":"1.7.0","min_admin_api_version":2,"max_admin_api_version":4,"#
                + #""ingress_endpoint":"http://127.0.0.1:8080/","features":{}}"#)
    }

    static let refusedLines: [(String, Int, String)] = [
        ("GET /", 404, "nothing is served at /"), ("GET /nope", 404, "/nope"), ("POST /nope", 404, "/nope"),
        ("GET /health/x", 404, "/health/x"), ("GET /invocations/a/b", 404, "/invocations/a/b"),
        ("GET /v5/health", 404, "/v5/health"), ("GET /v1/health", 400, "version 1"),
        ("POST /health", 405, "method POST"), ("OPTIONS /version", 405, "method OPTIONS"),
        ("DELETE /invocations/garbage", 405, "method DELETE"),
        ("GET /invocations/garbage", 400, "bad invocation id 'garbage'"),
        ("GET /invocations/\(LookupTests.idText)", 404, "invocation \(LookupTests.idText) not found"),
        ("GET /invocations?status=odd", 400, "bad status 'odd'"),
        ("GET /invocations?status=backingOff", 400, "backing-off"),
        ("GET /invocations?limit=0", 400, "bad limit '0'"), ("GET /invocations?limit=1001", 400, "bad limit"),
        ("GET /invocations?limit=%2B5", 400, "bad limit '+5'"), ("GET /invocations?limit=", 400, "bad limit ''"),
        ("GET /invocations?limit=99999999999999999999", 400, "bad limit"),
    ]

    @Test(arguments: refusedLines)
    func refused(line: String, status: Int, message: String) throws {
        let reply = adminReply(line)
        #expect(reply.status == status)
        #expect(reply.header("allow") == (status == 405 ? "GET, HEAD" : nil))
        #expect(reply.header("content-type") == "application/json")
        guard case .string(let text) = try JSONReader.read(reply.body)["message"] else {
            Issue.record("no message: \(reply.text)")
            return
        }
        #expect(text.contains(message))
    }

    @Test func noCrossOriginHeaders() {
        let reply = fixtureAdmin.answer(
            message("GET /version", [("host", "localhost"), ("origin", "http://evil")]), from: FakeBackend())
        #expect(reply.status == 200)
        #expect(reply.headers.allSatisfy { !$0.name.hasPrefix("access-control") })
    }

    @Test(arguments: [
        "localhost", "localhost:9070", "LOCALHOST:1", "127.0.0.1", "127.0.0.1:9070", "[::1]", "[::1]:9070", "10.0.0.7",
        "10.0.0.7:9070", "[fd00::7]:9070", "10.0.0.8", "[::2]", nil,
    ])
    func hostIsOurs(host: String?) {
        #expect(adminReply("GET /health", host: host).status == 200)
    }

    @Test(arguments: [
        "", "evil.example", "evil.example:9070", "localhost.evil.example", "127.0.0.1.evil.example", "10.0.0",
        "1.2.3.x", "1.2.3.4444", "[::1", "localhost@evil", "::1",
    ])
    func hostIsForeign(host: String) throws {
        let reply = adminReply("GET /health", host: host)
        #expect(reply.status == 421)
        #expect(reply.text.contains("address it as localhost"))
    }

    static let storeErrors: [(StoreError.Code, Int)] = [(.busy, 503), (.full, 503), (.fatal, 500)]

    @Test(arguments: storeErrors)
    func storeFailure(code: StoreError.Code, status: Int) {
        let backend = FakeBackend(failure: StoreError(code, "why"))
        for line in ["GET /invocations", "GET /invocations/\(LookupTests.idText)"] {
            let reply = adminReply(line, backend)
            #expect(reply.status == status)
            #expect(reply.text.contains("why"))
            #expect(reply.header("retry-after") == (status == 503 ? "1" : nil))
        }
    }
}
