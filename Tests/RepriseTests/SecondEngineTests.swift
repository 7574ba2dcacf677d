import Testing

@testable import Reprise

/// The guide's services behind the other engine: the seam carries workflows, combinators and sagas too.
@Suite struct SecondEngineTests {
    @Test func aWorkflowTalksToItsHandlers() async throws {
        let runtime = try MemoryRuntime([Signup()])
        let user = runtime.client.workflow(Signup.self, key: "second")
        let sent = try await user.send(Signup.run, "second@example.org")
        try await runtime.settle()
        #expect(try await user.call(Signup.look) == "waiting for the click")
        let secret = try #require(outbox.texts(to: "second@example.org").last?.split(separator: " ").last)
        try await user.call(Signup.click, String(secret))
        #expect(try await user.attach(Signup.run))
        #expect(sent.id == user.invocationID)
        #expect(runtime.faults == [])
    }

    @Test func aWorkflowGivesUp() async throws {
        let runtime = try MemoryRuntime([Signup()])
        let user = runtime.client.workflow(Signup.self, key: "late")
        try await user.send(Signup.run, "late@example.org")
        try await runtime.advance(byMs: 86_400_000)
        #expect(try await user.attach(Signup.run) == false)
        #expect(try await user.call(Signup.look) == "too late")
    }

    @Test(arguments: World.Crash.Moment.allCases, 0..<6)
    func whoeverWasFirstIsFirstInEveryReplay(_ moment: World.Crash.Moment, _ step: Int) async throws {
        let runtime = try MemoryRuntime([Quotes()])
        runtime.act { $0.crash = World.Crash(service: "Quotes", step: step, moment: moment) }
        let quotes = runtime.client.service(Quotes.self)
        let sent = try await quotes.send(Quotes.any, ["closed", "slow", "bb"])
        try await runtime.settle()
        try await runtime.advance(byMs: 10)
        let winner = try await runtime.client.output(sent.id, of: Quotes.any)
        #expect(winner == 2)
        #expect(runtime.faults == [])
    }

    @Test func aSagaIsUndoneWhenItIsCancelled() async throws {
        let runtime = try MemoryRuntime([Trips()])
        let trips = runtime.client.service(Trips.self)
        let sent = try await trips.send(Trips.book, .init(user: "second", hotel: "slow"))
        try await runtime.settle()
        try await runtime.client.cancel(sent.id)
        try await runtime.settle()
        let ended = try #require(try await runtime.attach(sent.id))
        guard case .failure(let error) = ended else { return #expect(Bool(false), "\(ended)") }
        #expect(error.code == 409)
        try await runtime.until("the apology") { outbox.texts(to: "second") == ["sorry"] }
    }
}
