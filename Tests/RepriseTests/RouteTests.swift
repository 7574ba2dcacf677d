import HTTPTypes
import Testing

@testable import Reprise

@Suite struct RouteTests {
    @Test(arguments: [
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", true), ("text/html", true),
        ("TEXT/* ; Q=0.2", true), ("*/*, application/json;q=0.1", true), ("text/html;level=1;q=0.7", true),
        ("*/*", false), ("application/json, text/html", false), ("text/html;q=0.5, application/json", false),
        ("text/html;q=0, */*", false), ("text/html;q=2", false), ("text/html;q=x", false), ("html", false),
        ("", false),
    ])
    func theBetterLikedTypeWins(accept: String, prefersHTML: Bool) {
        let request = RouteRequest(method: .get, path: "/", headers: [.accept: accept])
        #expect(request.prefers("text/html", over: "application/json") == prefersHTML)
    }

    @Test func whoDoesNotSayPrefersNothing() {
        let request = RouteRequest(method: .get, path: "/")
        #expect(!request.prefers("text/html", over: "application/json"))
        #expect(!request.prefers("application/json", over: "text/html"))
    }

    private func route(_ method: HTTPRequest.Method?, _ path: String, cors: CORSPolicy? = nil) -> Route {
        Route(method, path, cors: cors) { _, _ in .text("\(method?.rawValue ?? "any") \(path)") }
    }

    private func answer(_ table: RouteTable, _ method: HTTPRequest.Method, _ path: String) -> String {
        switch table.match(method, path: path) {
        case .route(let route, let parameters):
            let values = parameters.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
            return "\(route.method?.rawValue ?? "any") \(route.path)\(values)"
        case .preflight(_, let methods): return "preflight \(methods.map(\.rawValue).joined(separator: ","))"
        case .methodNotAllowed(let methods): return "not \(methods.map(\.rawValue).joined(separator: ","))"
        case .none: return "none"
        }
    }

    @Test func theTableOfMatches() throws {
        let table = try RouteTable(
            [
                route(.get, "/a/{id}"), route(.post, "/a/{id}"), route(.get, "/a/new"), route(nil, "/a/{id}/all"),
                route(.get, "/a"), route(.delete, "/a/{id}/{part}"), route(.post, "/open", cors: .permissive),
                route(nil, "/wide", cors: .permissive), route(.get, "/"),
            ], services: [])
        for (method, path, expected) in [
            (HTTPRequest.Method.get, "/a/5", "GET /a/{id} id=5"), (.post, "/a/5", "POST /a/{id} id=5"),
            (.get, "/a/new", "GET /a/new"), (.post, "/a/new", "POST /a/{id} id=new"), (.head, "/a/new", "GET /a/new"),
            (.put, "/a/5", "not GET,POST"), (.get, "/a", "GET /a"), (.get, "/a/", "GET /a/{id} id="),
            (.get, "/a/%2F%41", "GET /a/{id} id=/A"), (.get, "/%61/x+y", "GET /a/{id} id=x+y"),
            (.get, "/a/%", "GET /a/{id} id=%"), (.get, "/a/%FF", "none"), (.patch, "/a/5/all", "any /a/{id}/all id=5"),
            (.delete, "/a/5/all", "any /a/{id}/all id=5"), (.delete, "/a/5/x", "DELETE /a/{id}/{part} id=5 part=x"),
            (.get, "/a/5/x/y", "none"), (.get, "/b", "none"), (.get, "/", "GET /"), (.get, "a", "none"),
            (.options, "/open", "preflight POST"), (.options, "/wide", "preflight GET,POST,PUT,DELETE,PATCH"),
            (.options, "/a", "not GET"), (.get, "//a", "none"),
        ] {
            #expect(answer(table, method, path) == expected, "\(method) \(path)")
        }
    }

    @Test func routesMustBeReachable() throws {
        let services = try ServiceRegistration([Counter()]).services
        for (path, error) in [
            ("/Counter", RegistrationError.routeHidesService(route: "/Counter", service: "Counter")),
            ("/Counter/a/add", .routeHidesService(route: "/Counter/a/add", service: "Counter")),
            ("/restate/health", .routeHidesService(route: "/restate/health", service: "restate")),
            ("a", .invalidRoute("a", reason: "it must start with '/'")),
            ("/{a}", .invalidRoute("/{a}", reason: "its first segment must be literal")),
            ("/a/{}", .invalidRoute("/a/{}", reason: "'{}' needs a name of its own")),
            ("/a/{x}/{x}", .invalidRoute("/a/{x}/{x}", reason: "'{x}' needs a name of its own")),
            ("/a/x{y}", .invalidRoute("/a/x{y}", reason: "'x{y}' is neither literal nor '{name}'")),
            ("/a?b", .invalidRoute("/a?b", reason: "'a?b' is neither literal nor '{name}'")),
        ] {
            #expect(throws: error) { try RouteTable([route(.get, path)], services: services) }
        }
        #expect(throws: RegistrationError.duplicateRoute("GET /a/{x}")) {
            try RouteTable([route(.get, "/a/{x}"), route(.get, "/a/{x}")], services: [])
        }
        #expect(throws: RegistrationError.self) {
            try RouteTable([route(.get, "/a/{x}"), route(.post, "/a/{y}")], services: [])
        }
        #expect(try RouteTable([route(.get, "/counter")], services: services).isEmpty == false)
    }

    @Test func requestsAreReadEasily() throws {
        let request = RouteRequest(
            method: .post, path: "/x", parameters: ["id": "7"], query: "a=1+2&b=%26&c&a=3",
            headers: [.contentType: "text/plain"], body: Array(#"{"n":5}"#.utf8))
        #expect(request.parameter("id") == "7")
        #expect(request.queryValue("a") == "1 2")
        #expect(request.queryValue("b") == "&")
        #expect(request.queryValue("c") == "")
        #expect(request.queryValue("d") == nil)
        #expect(request.header("Content-Type") == "text/plain")
        #expect(try request.json([String: Int].self) == ["n": 5])
        #expect(throws: InputProblem.self) { try request.json(String.self) }
    }

    @Test func errorsBecomeAnswers() throws {
        struct Secret: Error {}
        for (error, status, body) in [
            (TerminalError("sold out", code: 409) as any Error, 409, #"{"code":409,"message":"sold out"}"#),
            (TerminalError("odd", code: 200), 500, #"{"code":500,"message":"odd"}"#),
            (InputProblem("no id"), 400, #"{"code":400,"message":"no id"}"#),
            (Secret(), 500, #"{"code":500,"message":"internal server error"}"#),
            (ServerBusy(status: 503, message: "full", retryAfterSeconds: 2), 503, #"{"code":503,"message":"full"}"#),
        ] {
            let response = RouteResponse.failure(error)
            #expect(response.status.code == status)
            guard case .bytes(let bytes) = response.body else { continue }
            #expect(String(decoding: bytes, as: UTF8.self) == body)
        }
        let busy = RouteResponse.failure(ServerBusy(status: 503, message: "", retryAfterSeconds: 2))
        #expect(busy.headers[.retryAfter] == "2")
    }

    @Test func originsAreJudgedByThePolicy() {
        let open = CORSPolicy.permissive.fields(forOrigin: "https://a")
        #expect(open[.accessControlAllowOrigin] == "*")
        let strict = CORSPolicy(origins: .only(["https://a"]))
        #expect(strict.fields(forOrigin: "https://a")[.accessControlAllowOrigin] == "https://a")
        #expect(strict.fields(forOrigin: "https://b")[.accessControlAllowOrigin] == nil)
        #expect(strict.fields(forOrigin: nil)[.vary] == "origin")
        let preflight = strict.preflight(origin: "https://a", methods: [.get, .post])
        #expect(preflight.status == .noContent)
        #expect(preflight.headers[.accessControlAllowMethods] == "GET, POST")
        #expect(strict.preflight(origin: "https://b", methods: [.get]).headers[.accessControlAllowMethods] == nil)
    }

    @Test func aRouteCallsHandlersByType() async throws {
        let runtime = try MemoryRuntime([Counter()])
        let route = Route.post("/add/{name}") { request, client in
            let counter = client.object(Counter.self, key: request.parameter("name"))
            let sent = try await counter.send(Counter.add, 2, idempotencyKey: "once")
            let again = try await counter.send(Counter.add, 2, idempotencyKey: "once")
            let first = try await client.attach(sent.id, of: Counter.add)
            let output = try await client.output(again.id, of: Counter.add)
            return try .json([first, output ?? -1, try await counter.call(Counter.get)], status: .created)
        }
        let response = try await route.body(
            RouteRequest(method: .post, path: "/add/a", parameters: ["name": "a"]), runtime.client)
        #expect(response.status == .created)
        guard case .bytes(let bytes) = response.body else { return }
        #expect(String(decoding: bytes, as: UTF8.self) == "[2,2,2]")
        await #expect(throws: UnknownInvocation(id: "inv_none")) {
            try await runtime.client.attach("inv_none", of: Counter.add)
        }
    }
}
