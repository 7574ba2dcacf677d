import DurableModel
import HTTPWire
import Testing

@testable import Ingress

@Suite struct RenderTests {
    static let id = LookupTests.id
    static let idHeader = HTTPReplyHeader("x-restate-id", LookupTests.idText)
    static let jsonHeader = HTTPReplyHeader("content-type", "application/json")
    static let cors = [
        HTTPReplyHeader("access-control-allow-credentials", "true"),
        HTTPReplyHeader("vary", "origin, access-control-request-method, access-control-request-headers"),
    ]

    private func render(_ reply: ClientReply, _ kind: ReplyShape.Kind, target: InvocationTarget? = nil) -> HTTPReply {
        fixtureIngress.render(reply, ReplyShape(kind), target: target)
    }

    @Test func callResult() {
        let body = Bytes("\"hi\"".utf8)
        #expect(
            render(.result(Self.id, .success(body), expiresAtMs: nil), .call(.automatic))
                == HTTPReply(status: 200, headers: [Self.jsonHeader, Self.idHeader] + Self.cors, body: body))
        let expires = HTTPReplyHeader("idempotency-expires", "2024-12-20T13:16:12.549+00:00")
        #expect(
            render(.result(Self.id, .success(body), expiresAtMs: 1_734_700_572_549), .call(.automatic))
                == HTTPReply(status: 200, headers: [Self.jsonHeader, Self.idHeader, expires] + Self.cors, body: body))
    }

    static let contentTypes: [(OutputRule, String, String?)] = [
        (.automatic, "1", "application/json"), (.automatic, "", nil), (.none, "1", nil), (.none, "", nil),
        (.content(type: "text/plain", setIfEmpty: false), "1", "text/plain"),
        (.content(type: "text/plain", setIfEmpty: false), "", nil),
        (.content(type: "text/plain", setIfEmpty: true), "", "text/plain"),
    ]

    @Test(arguments: contentTypes)
    func contentType(rule: OutputRule, body: String, expected: String?) {
        let result = ClientReply.result(Self.id, .success(Bytes(body.utf8)), expiresAtMs: nil)
        #expect(render(result, .call(rule)).header("content-type") == expected)
        #expect(render(result, .attach(.known(rule))).header("content-type") == expected)
    }

    /// Lookups by id learn the target from whoever answers them.
    @Test func contentTypeOfALookupByID() {
        let result = ClientReply.result(Self.id, .success([0x31]), expiresAtMs: 1)
        let run = InvocationTarget(service: "Wf", key: "w", handler: "run")
        let gone = InvocationTarget(service: "Wf", key: "w", handler: "gone")
        #expect(render(result, .output(.targetUnknown)).header("content-type") == "application/json")
        #expect(render(result, .output(.targetUnknown), target: run).header("content-type") == "text/plain")
        for reply in [render(result, .attach(.targetUnknown), target: gone), render(result, .attach(.handlerGone))] {
            #expect(reply.status == 404)
            #expect(reply.header("x-restate-error-source") == "ingress")
            #expect(reply.header("x-restate-id") == nil)
        }
    }

    static let failureCodes: [(code: Int, status: Int, bodyCode: Int)] = [
        (500, 500, 500), (418, 418, 418), (409, 409, 409), (200, 200, 200), (302, 302, 302), (999, 999, 999),
        (100, 500, 100), (199, 500, 199), (204, 500, 204), (304, 500, 304), (99, 500, 99), (0, 500, 0),
        (1000, 500, 1000), (65_535, 500, 65_535), (65_536, 500, 500), (-1, 500, 500),
    ]

    @Test(arguments: failureCodes)
    func failure(code: Int, status: Int, bodyCode: Int) {
        let failure = Outcome.failure(TerminalFailure(code: code, message: "a \"b\""))
        let source = HTTPReplyHeader("x-restate-error-source", "invocation")
        let expected = HTTPReply(
            status: status, headers: [Self.jsonHeader, source, Self.idHeader] + Self.cors,
            body: Bytes("{\"code\":\(bodyCode),\"message\":\"a \\\"b\\\"\",\"source\":\"invocation\"}".utf8))
        #expect(render(.result(Self.id, failure, expiresAtMs: nil), .call(.automatic)) == expected)
        #expect(render(.result(Self.id, failure, expiresAtMs: nil), .attach(.handlerGone)) == expected)
    }

    @Test func failureWithMetadata() {
        let failure = TerminalFailure(
            code: 418, message: "m", metadata: [.init("b", "1"), .init("a", "2"), .init("b", "3")])
        let reply = render(.result(Self.id, .failure(failure), expiresAtMs: 1000), .call(.automatic))
        #expect(
            reply.text
                == #"{"code":418,"message":"m","metadata":{"a":"2","b":"3"},"source":"invocation"}"#)
        #expect(reply.header("idempotency-expires") == "1970-01-01T00:00:01+00:00")
    }

    @Test func accepted() {
        let text = LookupTests.idText
        let new = render(.accepted(Self.id, executionTimeMs: nil, isNew: true), .send)
        #expect(new.status == 202)
        #expect(new.headers == [Self.jsonHeader, Self.idHeader] + Self.cors)
        #expect(new.text == "{\"invocationId\":\"\(text)\",\"status\":\"Accepted\"}")
        let old = render(.accepted(Self.id, executionTimeMs: 1_734_614_172_549, isNew: false), .send)
        #expect(old.status == 202)
        #expect(
            old.text
                == "{\"invocationId\":\"\(text)\",\"executionTime\":\"2024-12-19T13:16:12.549000000Z\","
                + "\"status\":\"PreviouslyAccepted\"}")
    }

    @Test func unknownInvocation() {
        let attach = render(.unknown(Self.id), .attach(.targetUnknown))
        #expect(attach.status == 404)
        #expect(attach.text == #"{"code":404,"message":"not found","source":"invocation"}"#)
        #expect(attach.header("x-restate-error-source") == "invocation")
        #expect(attach.header("x-restate-id") == LookupTests.idText)
        let output = render(.unknown(Self.id), .output(.targetUnknown))
        #expect(output.status == 404)
        #expect(output.text == #"{"code":404,"message":"invocation not found","source":"ingress"}"#)
        #expect(output.header("x-restate-error-source") == "ingress")
        #expect(output.header("x-restate-id") == nil)
    }

    @Test func notCompleted() {
        let reply = render(.notCompleted(Self.id), .output(.targetUnknown))
        #expect(reply.status == 470)
        #expect(reply.text.hasPrefix(#"{"code":470,"#))
        #expect(reply.header("x-restate-error-source") == "ingress")
    }

    @Test func awakeableTaken() {
        #expect(render(.awakeableTaken, .awakeable) == HTTPReply(status: 202, headers: Self.cors))
    }

    @Test func refusal() {
        let reply = render(.refused(Refusal(status: 429, message: "lane full", retryAfterSeconds: 3)), .send)
        #expect(reply.status == 429)
        #expect(reply.header("retry-after") == "3")
        #expect(reply.text == #"{"code":429,"message":"lane full","source":"ingress"}"#)
        #expect(reply.header("x-restate-error-source") == "ingress")
    }
}

@Suite struct CrossOriginTests {
    @Test func preflightOnAnyPath() throws {
        let headers = [
            ("origin", "http://a"), ("access-control-request-method", "POST"),
            ("access-control-request-headers", "content-type,x-a"),
        ]
        #expect(try reply("OPTIONS /any/thing/at/all/however/long/it/is", headers) == HTTPReply(status: 200, headers: [
            HTTPReplyHeader("access-control-allow-origin", "http://a"), RenderTests.cors[0], RenderTests.cors[1],
            HTTPReplyHeader("access-control-allow-methods", "POST"),
            HTTPReplyHeader("access-control-allow-headers", "content-type,x-a"),
        ]))
        #expect(try reply("OPTIONS *") == HTTPReply(status: 200, headers: RenderTests.cors))
    }

    @Test func originIsMirroredAndHeadersExposed() throws {
        let exposed = "x-restate-id, idempotency-expires, x-restate-error-source, retry-after"
        for reply in [
            try reply("GET /restate/health", [("origin", "http://a")]),
            try reply("GET /Nope/x", [("origin", "http://a")]),
            fixtureIngress.render(.awakeableTaken, ReplyShape(.awakeable, origin: "http://a")),
            fixtureIngress.reply(to: HTTPRefusal(413, "m", headers: HTTPHeaderBlock([("origin", "http://a")]))),
        ] {
            #expect(reply.header("access-control-allow-origin") == "http://a")
            #expect(reply.header("access-control-expose-headers") == exposed)
        }
        #expect(try reply("GET /restate/health").header("access-control-allow-origin") == nil)
        #expect(try reply("GET /restate/health", [("origin", "\u{E4}")]).header("access-control-allow-origin") == nil)
    }

    @Test func onlyAllowedOriginsAreMirrored() {
        let strict = Ingress(catalog: Catalog([]), crossOrigin: CrossOrigin(allowed: ["https://a", "https://b:8443"]))
        func answer(_ method: String, _ origin: String) -> HTTPReply? {
            let headers = [("origin", origin), ("access-control-request-method", "POST")]
            let message = HTTPMessage(method: method, target: "/restate/health", headers: HTTPHeaderBlock(headers))
            if case .reply(let reply) = strict.decide(message) { return reply }
            return nil
        }
        for origin in ["https://a", "https://b:8443"] {
            #expect(answer("GET", origin)?.header("access-control-allow-origin") == origin)
            #expect(answer("OPTIONS", origin)?.header("access-control-allow-methods") == "POST")
        }
        for origin in ["http://a", "https://a.evil", "https://b", "null", "https://A"] {
            for method in ["GET", "OPTIONS"] {
                #expect(answer(method, origin)?.status == 200)
                #expect(answer(method, origin)?.header("access-control-allow-origin") == nil)
                #expect(answer(method, origin)?.header("access-control-allow-methods") == nil)
            }
        }
        let early = HTTPRefusal(413, "m", headers: HTTPHeaderBlock([("origin", "http://a")]))
        #expect(strict.reply(to: early).header("access-control-allow-origin") == nil)
    }

    @Test func whoIsUnknownIsAskedForAToken() {
        var refusal = HTTPRefusal(401, "who?")
        refusal.challenge = "Bearer"
        #expect(fixtureIngress.reply(to: refusal).header("www-authenticate") == "Bearer")
        #expect(refusal.reply.headers.contains(HTTPReplyHeader("www-authenticate", "Bearer")))
    }

    @Test func earlyRefusal() {
        let reply = fixtureIngress.reply(to: HTTPRefusal(413, "too long"))
        #expect(reply.text == #"{"code":413,"message":"too long","source":"ingress"}"#)
        #expect(reply.header("x-restate-error-source") == "ingress")
        #expect(reply.header("access-control-allow-credentials") == "true")
        #expect(reply.header("retry-after") == nil)
        #expect(fixtureIngress.reply(to: HTTPRefusal(503, "full", retryAfterSeconds: 1)).header("retry-after") == "1")
    }

    @Test(arguments: ["/restate/health", "/restate/health/", "/restate/health/extra/segments"])
    func health(path: String) throws {
        let reply = try reply("GET " + path)
        #expect(reply.status == 200)
        #expect(reply.header("content-type") == "application/json")
        #expect(reply.text == #"{"services":["Greeter","Typed","Void","Counter","Wf","Priv","Half"]}"#)
    }
}
