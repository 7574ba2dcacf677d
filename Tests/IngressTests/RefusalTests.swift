import DurableModel
import HTTPWire
import Testing

@testable import Ingress

/// Every refused request: status, and the part of the message that tells the cause.
@Suite struct RefusalTests {
    static let paths: [(String, Int, String)] = [
        ("POST /", 400, "bad path: /:"),
        ("POST ///", 400, "bad path"),
        ("GET *", 400, "bad path"),
        ("POST /Greeter", 400, "bad path: /Greeter"),
        ("POST /restate", 400, "bad path"),
        ("GET /openapi", 400, "bad path"),
        ("GET /openapi/x", 404, "not found"),
        ("POST /restate/bogus/x", 404, "not found"),
        ("POST /restate/bogus", 404, "not found"),
        ("POST /a/b/c/d/e/f/g/h", 400, "bad path"),
        ("POST /Counter/k1", 400, "use /Counter/{key}/{handler}"),
        ("POST /Greeter/k/greet", 400, "use /Greeter/{handler}"),
        ("POST /Greeter/greet/send/x", 400, "bad path"),
        ("POST /Counter/k/add/send/x", 400, "bad path"),
        ("POST /Counter/k/add/x", 400, "bad path"),
        ("POST /restate/call/Greeter/greet/send", 400, "use /restate/call/Greeter/{handler}"),
        ("POST /restate/call/Counter/add", 400, "use /restate/call/Counter/{key}/{handler}"),
        ("POST /restate/call/Counter/k/add/x", 400, "bad path"),
        ("POST /restate/call/Greeter", 400, "bad path"),
        ("POST /restate/call", 400, "bad path"),
        ("POST /Counter/%FF/add", 400, "does not decode to UTF-8"),
        ("POST /Nope/greet", 404, "service 'Nope' not found, make sure to register the service before calling it."),
        ("POST /restate/call/Nope/x/y/z", 404, "service 'Nope' not found"),
        ("POST /Greeter/nope", 404, "handler 'nope' of service 'Greeter' not found"),
        ("POST /Counter/k/nope/send", 404, "handler 'nope' of service 'Counter' not found"),
        ("POST /Greeter/k/send", 404, "handler 'k' of service 'Greeter' not found"),
        ("POST /Priv/h", 400, "private"),
        ("POST /Half/hidden", 400, "private"),
        ("POST /restate/scope/s1/call/Greeter/greet", 400, "not enabled"),
        ("POST /restate/scope/s1/send/Counter/k/add", 400, "not enabled"),
        ("POST /restate/scope/bad%20scope!/call/Greeter/greet", 400, "bad scope"),
        ("POST /restate/scope/s1/foo/Greeter/greet", 400, "bad path"),
        ("POST /restate/scope/s1", 400, "bad path"),
        ("GET /restate/invocation/garbage/attach", 400, "bad invocation id 'garbage'"),
        ("POST /restate/invocation/garbage/attach", 400, "bad invocation id"),
        ("GET /restate/attach/garbage", 400, "bad invocation id"),
        ("GET /restate/invocation/garbage", 400, "bad path"),
        ("GET /restate/invocation/garbage/bogus", 404, "not found"),
        ("GET /restate/invocation/garbage/attach/x", 404, "service 'garbage' not found"),
        ("GET /restate/invocation/Nope/h/K/attach", 404, "service 'Nope' not found"),
        ("GET /restate/invocation/Greeter/greet/K/bogus", 404, "not found"),
        ("GET /restate/invocation/Counter/add/K/attach", 400, "bad path"),
        ("GET /restate/invocation/Counter/%FF/add/K/attach", 400, "UTF-8"),
        ("GET /restate/attach/a/b", 400, "bad path"),
        ("POST /restate/lookup/x", 400, "bad path"),
        ("GET /restate/workflow/Wf/w1", 400, "bad path"),
        ("GET /restate/workflow/Wf/w1/bogus", 404, "not found"),
        ("POST /restate/awakeables", 400, "bad path"),
        ("POST /restate/awakeables/sign_1xyz", 400, "bad path"),
        ("POST /restate/awakeables/sign_1xyz/bogus", 404, "not found"),
        ("POST /restate/awakeables/sign_1xyz/resolve", 400, "bad awakeable id 'sign_1xyz'"),
        ("POST /restate/a/foo/reject", 400, "bad awakeable id 'foo'"),
        ("POST /restate/awakeables/prom_1xyz/resolve", 400, "bad awakeable id"),
    ]

    @Test(arguments: paths)
    func path(line: String, status: Int, message: String) throws {
        try expectRefusal(try reply(line, json, "1"), status, message)
    }

    typealias Request = (line: String, headers: [(String, String)], body: String, status: Int, message: String)

    static let requests: [Request] = [
        ("POST /Greeter/greet", [], "1", 400, "content-type is missing"),
        ("POST /Greeter/greet", [("content-type", "application/x-www-form-urlencoded")], "1", 400, "does not fit"),
        ("POST /Greeter/greet", [("content-type", "APPLICATION/JSON")], "1", 400, "does not fit"),
        ("POST /Greeter/greet", [("content-type", "json")], "1", 400, "does not fit"),
        ("POST /Greeter/greet", [("content-type", "")], "1", 400, "does not fit"),
        ("POST /Greeter/greet", [("content-type", ";")], "1", 400, "does not fit"),
        ("POST /Greeter/greet", [("content-type", "application/jsonx")], "1", 400, "does not fit"),
        ("POST /Void/star", [("content-type", "json")], "1", 400, "does not fit"),
        ("POST /Typed/h", json, "", 400, "the body is empty"),
        ("POST /Typed/required", [], "", 400, "content-type is missing"),
        ("POST /Typed/required", json, "1", 400, "does not fit"),
        ("POST /Typed/decoded", json, "[]", 400, "input validation error: userId is missing"),
        ("POST /Typed/decoded", [], "", 400, "input validation error: userId is missing"),
        ("POST /Void/ping", json, "{}", 400, "takes no input"),
        ("POST /Void/ping", json, "", 400, "takes no input"),
        ("POST /Void/ping", [], "x", 400, "takes no input"),
        ("POST /Wf/k/run", json + [("idempotency-key", "a")], "1", 400, "run handler of workflow 'Wf'"),
        ("POST /Wf/k/run/send", json + [("idempotency-key", "")], "1", 400, "run handler of workflow 'Wf'"),
        ("POST /Greeter/greet", json + [("idempotency-key", "\u{E4}")], "1", 400, "bad header idempotency-key"),
        ("POST /Greeter/greet", json + [("x-custom", "\u{E4}")], "1", 400, "bad header x-custom"),
        ("POST /Greeter/greet", json + [("x-restate-limit-key", "a/b")], "1", 400, "needs a scope"),
        ("POST /Greeter/greet", json + [("x-restate-limit-key", "a/b/c")], "1", 400, "bad limit key"),
        ("POST /Greeter/greet", json + [("x-restate-limit-key", "a//")], "1", 400, "bad limit key"),
        ("POST /Greeter/greet?Limit-Key=a/", json, "1", 400, "needs a scope"),
        ("POST /Greeter/greet?delay=1s", json, "1", 400, "delay works with send only"),
        ("POST /Greeter/greet?delay=0", json, "1", 400, "delay works with send only"),
        ("POST /Greeter/greet?delay=abc", json, "1", 400, "bad delay 'abc'"),
        ("POST /Greeter/greet/send?delay=1mo", json, "1", 400, "bad delay '1mo'"),
        ("POST /Greeter/greet/send?delay=-1s", json, "1", 400, "bad delay"),
        ("POST /Greeter/greet/send?delay=", json, "1", 400, "bad delay ''"),
        ("POST /Greeter/greet/send?delay", json, "1", 400, "bad delay ''"),
        ("POST /Greeter/greet/send?delay=+10s", json, "1", 400, "bad delay ' 10s'"),
        ("POST /Greeter/greet/send?delay=x&delay=1s", json, "1", 400, "bad delay 'x'"),
    ]

    @Test(arguments: requests.indices)
    func request(index: Int) throws {
        let request = Self.requests[index]
        try expectRefusal(try reply(request.line, request.headers, request.body), request.status, request.message)
    }

    /// Of two things that are wrong the earlier check of reference 1.3 is reported.
    static let doublyWrong: [Request] = [
        ("PUT /Nope/greet?delay=x", [], "1", 404, "service"),
        ("PUT /Greeter/nope?delay=x", [], "1", 404, "handler"),
        ("PUT /Priv/h?delay=x", [("idempotency-key", "\u{E4}")], "1", 400, "private"),
        ("PUT /Wf/k/run?delay=x", [("idempotency-key", "a")], "1", 400, "run handler"),
        ("PUT /restate/scope/s/call/Greeter/greet", [], "1", 400, "not enabled"),
        ("PUT /Greeter/greet?delay=x", [], "1", 405, "method PUT"),
        ("POST /Greeter/greet?delay=x", [("x-restate-limit-key", "a/b/c")], "1", 400, "content-type"),
        ("POST /Greeter/greet?delay=x", json + [("x-restate-limit-key", "a/b/c")], "1", 400, "bad delay"),
        ("POST /Greeter/greet?delay=1s", json + [("x-restate-limit-key", "!"), ("x", "\u{E4}")], "1", 400, "limit key"),
        ("POST /Greeter/greet?delay=1s", json + [("x", "\u{E4}")], "1", 400, "bad header x"),
    ]

    @Test(arguments: doublyWrong.indices)
    func order(index: Int) throws {
        let request = Self.doublyWrong[index]
        try expectRefusal(try reply(request.line, request.headers, request.body), request.status, request.message)
    }

    @Test func longPathsAreCutInMessages() throws {
        let reply = try reply("POST /" + String(repeating: "x", count: 10_000))
        #expect(reply.body.count < 1000)
    }

    @Test func quotesInMessagesAreEscaped() throws {
        let reply = try reply("GET /restate/attach/%22\"\\", [])
        let body = try JSONReader.read(reply.body)
        #expect(body["message"] == .string("bad invocation id '%22\"\\': bad format: an id looks like inv_1…"))
    }

    private func expectRefusal(_ reply: HTTPReply, _ status: Int, _ message: String) throws {
        #expect(reply.status == status)
        #expect(reply.header("content-type") == "application/json")
        #expect(reply.header("x-restate-error-source") == "ingress")
        #expect(reply.header("x-restate-id") == nil)
        #expect(reply.header("access-control-allow-credentials") == "true")
        let body = try JSONReader.read(reply.body)
        #expect(body["code"] == .number(String(status)))
        #expect(body["source"] == .string("ingress"))
        guard case .string(let text) = body["message"] else {
            Issue.record("no message: \(reply.text)")
            return
        }
        #expect(text.contains(message))
    }
}
