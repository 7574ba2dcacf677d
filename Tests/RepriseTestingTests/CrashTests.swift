import Foundation
import Reprise
import RepriseTesting
import Synchronization
import Testing

/// Handlers that break the rules, each in a way that a replay can see.
private struct Careless: Service {
    static let coin = handler("coin", Careless.flip)
    static let stamp = handler("stamp", Careless.putStamp)
    static let twice = handler("twice", Careless.countOutside)

    static let grow = handler("grow", Careless.returnMore)
    static let longer = handler("longer", Careless.askForMore)

    static let handlers: Handlers = [coin, stamp, twice, grow, longer]

    /// Differs from execution to execution.
    let executions: Executions

    final class Executions: Sendable {
        private let count = Mutex(0)
        func next() -> Int {
            count.withLock { count in
                count += 1
                return count
            }
        }
    }

    private func flip(_ ctx: ServiceContext) async throws {
        if executions.next() % 2 == 1 {
            try await ctx.run("heads") {}
        } else {
            try await ctx.run("tails") {}
        }
    }

    private func putStamp(_ ctx: ServiceContext) async throws -> Int {
        try await ctx.object(Counter.self, key: "c").call(Counter.add, executions.next())
    }

    private func returnMore(_ ctx: ServiceContext) async throws -> Int { executions.next() }

    private func askForMore(_ ctx: ServiceContext) async throws {
        try await ctx.run("one") {}
        if executions.next() > 1 { try await ctx.run("one more") {} }
    }

    private func countOutside(_ ctx: ServiceContext) async throws {
        let executions = executions
        _ = try await ctx.run("count") { executions.next() }
    }
}

@Suite struct CrashTests {
    @Test func callersDoNotNoticeACrash() async throws {
        let outside = Outside()
        let runtime = try TestRuntime([Parcels(outside: outside), Counter()], time: .manual)
        async let count = runtime.client.service(Parcels.self).call(Parcels.deliver, "Rome")
        while await runtime.invocations.first?.operations.count != 2 { await Task.yield() }
        try await runtime.crash()
        try await runtime.advance(by: .hours(12))
        try await runtime.crash()
        try await runtime.advance(by: .hours(12))
        #expect(try await count == 1)
        #expect(outside.all == ["pick up for Rome"])
        #expect(runtime.differences == [])
    }

    @Test func otherCodeAfterACrash() async throws {
        let runtime = try TestRuntime([Letters()], time: .manual)
        let sent = try await runtime.client.service(Letters.self).send(Letters.write, "dear")
        try await runtime.settle()
        try await runtime.crash(replacing: [ChangedLetters()])
        try await runtime.settle()
        let paused = try #require(await runtime.invocation(sent.id))
        #expect(paused.status == .paused)
        #expect(paused.lastFailure?.contains(#"the journal has run "write", the handler asked for sleep"#) == true)
    }

    @Test func everyPositionOfARun() async throws {
        let summary = try await CrashSearch.everyPosition { plan in
            let outside = Outside()
            let runtime = try TestRuntime([Parcels(outside: outside), Counter()], crashes: plan)
            let counts = [
                try await runtime.client.service(Parcels.self).call(Parcels.deliver, "Rome"),
                try await runtime.client.object(Counter.self, key: "Rome").call(Counter.add, 4),
            ]
            try await runtime.advance(by: .minutes(2))
            #expect(["pick up for Rome", "remind"].allSatisfy(outside.all.contains))
            return counts
        }
        #expect(summary.positions > 15, "\(summary)")
        #expect(summary.crashes == 2 * summary.positions, "\(summary)")
    }

    @Test func somebodyWhoIsAskedOverACrash() async throws {
        try await CrashSearch.everyPosition { plan in
            let outside = Outside()
            let runtime = try TestRuntime([Parcels(outside: outside)], crashes: plan)
            let parcels = runtime.client.service(Parcels.self)
            let asked = try await parcels.send(Parcels.ask, 60, idempotencyKey: "k")
            try await runtime.settle()
            try await runtime.client.resolveAwakeable(try #require(outside.all.first), "yes")
            let again = try await parcels.call(Parcels.ask, 60, idempotencyKey: "k")
            #expect(Set(outside.all).count == 1)
            return [try await runtime.client.attach(asked.id, of: Parcels.ask), again]
        }
    }

    @Test func aCancellationOverACrash() async throws {
        try await CrashSearch.everyPosition { plan in
            let runtime = try TestRuntime([Parcels(outside: Outside()), Counter()], crashes: plan)
            let sent = try await runtime.client.service(Parcels.self).send(Parcels.deliver, "Rome")
            try await runtime.settle()
            try await runtime.client.cancel(sent.id)
            do {
                return try await runtime.client.attach(sent.id, of: Parcels.deliver)
            } catch let error as TerminalError {
                return error.code
            }
        }
    }

    private func difference(_ scenario: (TestRuntime) async throws -> String) async throws -> CrashDifference? {
        do {
            try await CrashSearch.everyPosition { plan in
                let careless = Careless(executions: Careless.Executions())
                return try await scenario(try TestRuntime([careless, Counter()], crashes: plan))
            }
            return nil
        } catch let error as CrashDifference {
            return error
        }
    }

    @Test func anotherOrderIsFound() async throws {
        let found = try await difference { runtime in
            try await runtime.client.service(Careless.self).send(Careless.coin).id
        }
        let error = try #require(found)
        #expect(error.position.contains(#"entry 0 of Careless/coin (run "heads")"#), "\(error)")
        #expect(error.reason.contains("Careless/coin is paused: journal mismatch (570) at entry 0"), "\(error)")
        #expect(error.reason.contains(#"the journal has run "heads", the handler asked for run "tails""#), "\(error)")
    }

    @Test func anotherInputIsFound() async throws {
        let found = try await difference { runtime in
            _ = try await runtime.client.service(Careless.self).send(Careless.stamp)
            try await runtime.settle()
            return ""
        }
        let error = try #require(found)
        #expect(error.reason.contains("Careless/stamp is not deterministic: at journal entry 0"), "\(error)")
        #expect(error.reason.contains("the journal has '1', the handler passed '2'"), "\(error)")
    }

    @Test func anotherEffectIsFound() async throws {
        let found = try await difference { runtime in
            try await runtime.client.service(Careless.self).call(Careless.twice)
            return "\(runtime.executions(of: "count"))"
        }
        let error = try #require(found)
        #expect(error.reason == "the scenario returned\n2\ninstead of\n1", "\(error)")
        #expect(error.position.contains(#"the result of entry 0 of Careless/twice (run "count")"#), "\(error)")
    }

    @Test func whatHasEndedIsReplayed() async throws {
        let outside = Outside()
        let runtime = try TestRuntime([Parcels(outside: outside), Counter(), Letters()])
        let run = try await runtime.run(Parcels.deliver, "Rome")
        let (effects, count) = (outside.all, await runtime.invocations.count)
        for invocation in await runtime.invocations where invocation.hasEnded {
            try await runtime.replay(invocation.id)
        }
        #expect(outside.all == effects)
        #expect(await runtime.invocations.count == count)
        try await runtime.client.service(Parcels.self).send(Parcels.ask, 60)
        await #expect(throws: UnknownInvocation.self) {
            try await runtime.replay(try #require(await runtime.invocations(of: Parcels.ask).first).id)
        }
        #expect(run.status == .succeeded)
    }

    @Test(arguments: [
        ("coin", #"the journal has run "heads", the handler asked for run "tails""#),
        ("stamp", "the journal has '1', the handler passed '2'"), ("grow", "it ended with 2 instead of 1"),
        ("longer", #"asked for step "one more" beyond the end of"#),
    ])
    func anUnfaithfulReplayIsFound(_ name: String, _ reason: String) async throws {
        let runtime = try TestRuntime([Careless(executions: Careless.Executions()), Counter()])
        let answer = try await runtime.request(.post, "/Careless/\(name)")
        #expect(answer.status == 200)
        let id = try #require(await runtime.invocations.first).id
        do {
            try await runtime.replay(id)
            Issue.record("it differs")
        } catch let error as ReplayFailure {
            #expect(error.description.hasPrefix("a replay of Careless/\(name) makes a difference: "))
            #expect(error.reason.contains(reason), "\(error)")
        }
    }

    @Test func otherCodeIsTriedOnOldJournals() async throws {
        let runtime = try TestRuntime([Letters()])
        let run = try await runtime.run(Letters.write, "dear")
        try await runtime.replay(run.invocation.id, with: [Letters()])
        await #expect(throws: ReplayFailure.self) {
            try await runtime.replay(run.invocation.id, with: [ChangedLetters()])
        }
    }

    @Test func aForgottenPlanIsNoticed() async throws {
        await #expect(throws: UnusedPlan.self) { try await CrashSearch.everyPosition { _ in 1 } }
    }
}
