import DurableModel
import HTTPWire
import Testing

/// Paths that reach a handler: line, key (nil for plain services), handler, is it a send.
@Suite struct InvocationPathTests {
    static let acceptedPaths: [(String, String?, String, Bool)] = [
        ("POST /Greeter/greet", nil, "greet", false),
        ("GET /Greeter/greet", nil, "greet", false),
        ("POST /restate/call/Greeter/greet", nil, "greet", false),
        ("POST /Greeter/greet/", nil, "greet", false),
        ("POST //Greeter/greet", nil, "greet", false),
        ("POST ///Greeter/greet///?x=/", nil, "greet", false),
        ("POST /Greeter/greet?x=/a/b", nil, "greet", false),
        ("POST /Greeter/greet/send", nil, "greet", true),
        ("POST /restate/send/Greeter/greet", nil, "greet", true),
        ("POST /Greeter/send", nil, "send", false),
        ("POST /Greeter/send/send", nil, "send", true),
        ("POST /Counter/k1/add", "k1", "add", false),
        ("POST /Counter/k1/add/send", "k1", "add", true),
        ("POST /Counter/k1/send", "k1", "send", false),
        ("POST /restate/call/Counter/k1/add", "k1", "add", false),
        ("POST /restate/send/Counter/k1/add", "k1", "add", true),
        ("POST /restate/call/Counter/k1/send", "k1", "send", false),
        ("POST /Counter/a%2Fb%20c/add", "a/b c", "add", false),
        ("POST /Counter/a+b/add", "a+b", "add", false),
        ("POST /Counter/%C3%A4/add", "\u{E4}", "add", false),
        ("POST /Counter/100%/add", "100%", "add", false),
        ("POST /Counter/%zz%4/add", "%zz%4", "add", false),
        ("POST /Counter//add", "", "add", false),
        ("POST /restate/call/Counter//add", "", "add", false),
        ("POST /Wf/w1/run", "w1", "run", false),
        ("POST /Wf/w1/run/send", "w1", "run", true),
        ("POST /Wf/w1/unblock", "w1", "unblock", false),
    ]

    @Test(arguments: acceptedPaths)
    func accepted(line: String, key: String?, handler: String, isSend: Bool) throws {
        let invocation = try invocation(line, json, "1")
        #expect(invocation.target.key == key)
        #expect(invocation.target.handler == handler)
        #expect(invocation.mode == (isSend ? .send(delayMs: nil) : .call))
        #expect(invocation.input == Bytes("1".utf8))
    }

    @Test func pathAfterNormalisationIsForwarded() throws {
        let headers = try invocation("POST //Greeter/greet/send/?delay=10s", json, "1").headers
        #expect(headers.first == HeaderField("x-restate-ingress-path", "/Greeter/greet/send?delay=10s"))
    }

    static let notAllowed: [(String, String)] = [
        ("PUT /Greeter/greet", "GET, POST, OPTIONS"), ("DELETE /Counter/k/add/send", "GET, POST, OPTIONS"),
        ("HEAD /Greeter/greet", "GET, POST, OPTIONS"), ("get /Greeter/greet", "GET, POST, OPTIONS"),
        ("POST /restate/health", "GET, OPTIONS"), ("GET /restate/lookup", "POST, OPTIONS"),
        ("GET /restate/attach", "POST, OPTIONS"), ("GET /restate/awakeables/foo/resolve", "POST, OPTIONS"),
        ("POST /restate/invocation/inv_1gdJBtdVEcM942bjcDmb1c1khoaJe11Hbz/attach", "GET, OPTIONS"),
        ("POST /restate/output/inv_1gdJBtdVEcM942bjcDmb1c1khoaJe11Hbz", "GET, OPTIONS"),
        ("POST /restate/workflow/Wf/w1/output", "GET, OPTIONS"),
        ("POST /restate/invocation/Greeter/greet/K1/output", "GET, OPTIONS"),
    ]

    @Test(arguments: notAllowed)
    func methodNotAllowed(line: String, allow: String) throws {
        let reply = try reply(line, json, "1")
        #expect(reply.status == 405)
        #expect(reply.header("allow") == allow)
        #expect(reply.header("x-restate-error-source") == "ingress")
    }
}
