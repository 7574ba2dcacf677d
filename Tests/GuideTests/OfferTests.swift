import Reprise
import RepriseTesting
import Synchronization
import Testing

// guide: begin
/// What is offered to a customer for a week.
struct Offers: Service {
    static let make = handler("make", Offers.makeOffer)

    static let handlers: Handlers = [make]

    /// The world outside, given from outside: a test passes another one.
    let post: @Sendable (String) async throws -> Void

    private func makeOffer(_ ctx: ServiceContext, _ customer: String) async throws -> String {
        let post = post
        try await ctx.run("offer", retry: RunRetryPolicy(maxAttempts: 3)) { try await post("an offer to \(customer)") }
        try await ctx.sleep(.hours(24 * 7))
        try await ctx.run("withdraw") { try await post("no offer to \(customer)") }
        return "withdrawn"
    }
}

@Suite struct OfferTests {
    @Test func anOfferEndsAfterAWeek() async throws {
        let letters = Letters()
        let runtime = try TestRuntime([Offers(post: letters.post)])
        let before = runtime.now
        let run = try await runtime.run(Offers.make, "Ada")
        #expect(try run.output == "withdrawn")
        #expect(runtime.now - before == .hours(24 * 7))
        #expect(run.operations.map(\.kind) == [.step, .wait, .step])
        #expect(run.operations[1].waitSeconds == 604_800)
        #expect(letters.all == ["an offer to Ada", "no offer to Ada"])
        print(run.invocation.table)
    }

    @Test func thePostIsOnStrike() async throws {
        let runtime = try TestRuntime([Offers(post: Letters().post)])
        runtime.inject(.error("strike", times: 2), at: "offer")
        let run = try await runtime.run(Offers.make, "Ada")
        #expect(try run.invocation.operation(named: "offer").attempts == 3)
        runtime.inject(.error("strike", times: nil), at: "offer")
        #expect(try await runtime.run(Offers.make, "Bob").result == .failure(TerminalError("strike")))
    }

    @Test func aWeekIsWatched() async throws {
        let letters = Letters()
        let runtime = try TestRuntime([Offers(post: letters.post)], time: .manual)
        let sent = try await runtime.client.service(Offers.self).send(Offers.make, "Ada")
        try await runtime.advance(by: .hours(24 * 7) - .milliseconds(1))
        #expect(letters.all == ["an offer to Ada"])
        try await runtime.crash()
        try await runtime.advance(by: .milliseconds(1))
        #expect(try await runtime.client.output(sent.id, of: Offers.make) == "withdrawn")
    }

    @Test func noCrashMakesADifference() async throws {
        try await CrashSearch.everyPosition { plan in
            let runtime = try TestRuntime([Offers(post: Letters().post)], crashes: plan)
            return try await runtime.client.service(Offers.self).call(Offers.make, "Ada")
        }
    }
}
// guide: end

private final class Letters: Sendable {
    private let texts = Mutex<[String]>([])

    var all: [String] { texts.withLock { $0 } }
    var post: @Sendable (String) async throws -> Void { { text in self.texts.withLock { $0.append(text) } } }
}
