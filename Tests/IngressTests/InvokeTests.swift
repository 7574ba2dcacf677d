import DurableModel
import HTTPWire
import Testing

@testable import Ingress

@Suite struct InvokeTests {
    typealias Request = (line: String, headers: [(String, String)], body: String)

    static let acceptedInputs: [Request] = [
        ("POST /Greeter/greet", [], ""),
        ("POST /Greeter/greet", json, ""),
        ("POST /Greeter/greet", json, "not json"),
        ("POST /Greeter/greet", [("Content-Type", "application/json; charset=utf-8")], "1"),
        ("POST /Greeter/greet", [("content-type", " application/json ;x")], "1"),
        ("GET /Greeter/greet", json, "1"),
        ("POST /Typed/h", [], ""),
        ("POST /Typed/h", json, "not json"),
        ("POST /Typed/required", [("content-type", "text/html")], "1"),
        ("POST /Typed/decoded", json, "{}"),
        ("POST /Void/ping", [], ""),
        ("POST /Void/any", [], "anything"),
        ("POST /Void/any", [("content-type", "odd")], "anything"),
        ("POST /Void/star", [("content-type", "image/png")], "x"),
        ("POST /Greeter/greet", json + [("x-restate-limit-key", "")], "1"),
        ("POST /Greeter/greet?other=1&x", json, "1"),
    ]

    @Test(arguments: acceptedInputs.indices)
    func acceptedInput(index: Int) throws {
        let request = Self.acceptedInputs[index]
        #expect(try invocation(request.line, request.headers, request.body).input == Bytes(request.body.utf8))
    }

    static let delays: [(String, Int64)] = [
        ("delay=2s", 2000), ("delay=PT2S", 2000), ("delay=2000ms", 2000), ("DELAY=2+sec", 2000), ("delay=0", 0),
        ("delay=1000", 1000), ("x=1&delay=%32s&delay=9s", 2000), ("delay=%2B10s", 10_000),
        ("d%65lay=1%20h,+30%20m", 5_400_000),
    ]

    @Test(arguments: delays)
    func delayedSend(query: String, expectedMs: Int64) throws {
        let send = try invocation("POST /Greeter/greet/send?" + query, json, "1")
        #expect(send.mode == .send(delayMs: expectedMs))
        #expect(try invocation("POST /restate/send/Greeter/greet?" + query, json, "1").mode == send.mode)
    }

    @Test func idempotencyKey() throws {
        let headers = json + [("Idempotency-Key", "a b"), ("idempotency-key", "second")]
        #expect(try invocation("POST /Greeter/greet", headers, "1").idempotencyKey == "a b")
        #expect(try invocation("POST /Counter/k/get", json + [("idempotency-key", "")], "1").idempotencyKey == "")
        #expect(try invocation("POST /Wf/k/unblock", json + [("idempotency-key", "x")], "1").idempotencyKey == "x")
        #expect(try invocation("POST /Greeter/greet", json, "1").idempotencyKey == nil)
    }

    @Test func runOrAttach() throws {
        let header = "x-reprise-run-or-attach"
        let run = try invocation("POST /Wf/k/run", json + [(header, "true")], "1")
        #expect(run.attachesToWorkflow)
        #expect(run.headers.allSatisfy { $0.name != header })
        #expect(try invocation("POST /Wf/k/run", json + [(header, "false")], "1").attachesToWorkflow == false)
        #expect(try invocation("POST /Wf/k/run", json, "1").attachesToWorkflow == false)
        #expect(try invocation("POST /Wf/k/unblock", json + [(header, "true")], "1").attachesToWorkflow == false)
        #expect(try reply("POST /Wf/k/run", json + [(header, "yes")], "1").status == 400)
    }

    @Test func forwardedHeaders() throws {
        let headers = [
            ("Host", "localhost"), ("Connection", "close"), ("X-Custom", "v"), ("Authorization", "Bearer s"),
            ("Cookie", "s"), ("Proxy-Authorization", "s"), ("x-r", "1"), ("x-r", "2"), ("Idempotency-Key", "k"),
            ("idempotency-expires", "x"), ("X-Restate-Ingress-Path", "/spoofed"), ("x-restate-id", "spoofed"),
            ("content-type", "application/json"), ("traceparent", "00-a"), ("x-restateclient-retry-attempt", "1"),
        ]
        #expect(try invocation("POST /Greeter/greet?a=b", headers, "1").headers == [
            HeaderField("x-restate-ingress-path", "/Greeter/greet?a=b"), HeaderField("x-custom", "v"),
            HeaderField("x-r", "1"), HeaderField("content-type", "application/json"),
            HeaderField("traceparent", "00-a"), HeaderField("x-restateclient-retry-attempt", "1"),
        ])
    }

    @Test func manyHeadersKeepFirstValues() throws {
        let distinct = (0..<100).map { ("x-\($0)", "first") }
        let headers = try invocation("GET /Greeter/greet", distinct + distinct.map { ($0.0, "second") }).headers
        #expect(headers.dropFirst().map(\.name) == distinct.map(\.0))
        #expect(headers.dropFirst().allSatisfy { $0.value == "first" })
    }

    @Test func droppedHeadersMayHoldAnyBytes() throws {
        #expect(try invocation("GET /Greeter/greet", [("cookie", "\u{E4}")]).headers.count == 1)
    }

    @Test func shapes() throws {
        #expect(try command("POST /Void/star", [("origin", "http://a")]).1
            == ReplyShape(.call(.content(type: "text/plain", setIfEmpty: true)), origin: "http://a"))
        #expect(try command("POST /Void/star/send").1 == ReplyShape(.send))
    }

    @Test func notReadyRefusesWhatNeedsTheEngine() throws {
        let notReady = Readiness.notReady(reason: "recovering", retryAfterSeconds: 2)
        for line in ["POST /Greeter/greet", "GET /restate/health", "POST /restate/attach"] {
            let body = "{\"target\":\"workflow\",\"workflowName\":\"a\",\"workflowKey\":\"b\"}"
            guard case .reply(let reply) = fixtureIngress.decide(message(line, json, body), readiness: notReady) else {
                throw UnexpectedDecision()
            }
            #expect(reply.status == 503)
            #expect(reply.header("retry-after") == "2")
            #expect(reply.text.contains("recovering"))
        }
        guard case .reply(let refused) = fixtureIngress.decide(message("GET /Nope/x"), readiness: notReady),
            case .reply(let preflight) = fixtureIngress.decide(message("OPTIONS /x"), readiness: notReady)
        else { throw UnexpectedDecision() }
        #expect(refused.status == 404)
        #expect(preflight.status == 200)
    }
}
