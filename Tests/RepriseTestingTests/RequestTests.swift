import HTTPTypes
import Reprise
import RepriseTesting
import Testing

@Suite struct RequestTests {
    private func start() throws -> TestRuntime {
        let route = Route.post("/count/{name}", cors: .permissive) { request, client in
            let counter = client.object(Counter.self, key: request.parameter("name"))
            return try .json(try await counter.call(Counter.add, try request.json(Int.self)), status: .created)
        }
        return try TestRuntime([Counter()], routes: [route])
    }

    @Test func routesComeFirst() async throws {
        let runtime = try start()
        let answer = try await runtime.request(.post, "/count/a", body: "3")
        #expect((answer.status, answer.text) == (201, "3"))
        #expect(try answer.json(as: Int.self) == 3)
        #expect(answer.headers[.accessControlAllowOrigin] == "*")
        #expect(try await runtime.request(.post, "/count/a", body: "x").status == 400)
        #expect(try await runtime.request(.get, "/count/a").status == 405)
        let preflight = try await runtime.request(
            .options, "/count/a", headers: [.origin: "https://page.example", .accessControlRequestMethod: "POST"])
        #expect(preflight.status == 204)
    }

    @Test func whatIsPublishedCanBeSeen() async throws {
        let stream = Route.get("/events") { _, _ in .events(topics: ["parcels"]) }
        let runtime = try TestRuntime([Parcels(outside: Outside()), Counter()], routes: [stream])
        let answer = try await runtime.request(.get, "/events")
        #expect(answer.status == 200)
        #expect(answer.headers[.contentType] == "text/event-stream")
        _ = try await runtime.run(Parcels.deliver, "Rome")
        #expect(runtime.published == [PublishedEvent(topic: "parcels", data: Array(#""Rome""#.utf8))])
    }

    @Test func servicesAreReachedByTheirPaths() async throws {
        let runtime = try start()
        let answer = try await runtime.request(.post, "/Counter/a/add", body: "3")
        #expect((answer.status, answer.text) == (200, "3"))
        #expect(try await runtime.request(.post, "/Counter/a/fall", body: "3").status == 404)
        #expect(try await runtime.request(.post, "/Counter/a/add", body: #""x""#).status == 400)
        #expect(try await runtime.request(.post, "/Counter/b/fail").status == 409)
        let sent = try await runtime.request(.post, "/Counter/a/add/send", body: "3")
        #expect(sent.status == 202)
        #expect(try await runtime.request(.get, "/restate/health").status == 200)
    }
}
