import Synchronization
import Testing

@testable import Reprise

struct Counter: VirtualObject {
    static let count = StateKey<Int>("count")

    static let add = exclusive("add") { (ctx: ObjectContext, amount: Int) async throws -> Int in
        let sum = (try await ctx.get(count) ?? 0) + amount
        try await ctx.set(count, sum)
        return sum
    }
    static let get = shared("get") { ctx in try await ctx.get(count) ?? 0 }
    static let reset = exclusive("reset", body: .noInput) { (ctx: ObjectContext) in try await ctx.clearAll() }

    static let handlers: Handlers = [add, get, reset]
}

struct Tally: Service {
    static let twice = handler("twice", Tally.addTwice)
    static let nothing = handler("nothing") { (_: ServiceContext, _: String?) in }
    static let handlers: Handlers = [twice, nothing]

    let amount: Int

    func addTwice(_ ctx: ServiceContext, _ key: String) async throws -> [Int] {
        let counter = ctx.object(Counter.self, key: key)
        let first = try await counter.future(Counter.add, amount)
        let second = try await counter.call(Counter.add, amount)
        let third = try await ctx.run("third") { second + 1 }
        ctx.logger.info("counted \(third) as \(ctx.uuid())")
        try ctx.publish("counted", ["third": third])
        try await counter.send(Counter.add, 100, after: .seconds(1))
        return [try await first.value(), second, third, ctx.random.next(in: 0..<10) < 10 ? 1 : 0]
    }
}

@Suite struct ReplayTests {
    @Test func servicesCallEachOtherThroughTheSeam() async throws {
        let runtime = try MemoryRuntime([Counter(), Tally(amount: 2)])
        #expect(try await runtime.client.service(Tally.self).call(Tally.twice, "a") == [2, 4, 5, 1])
        #expect(try await runtime.request("Counter/a/get") == "4")
        try await runtime.advance(byMs: 999)
        #expect(try await runtime.request("Counter/a/get") == "4")
        try await runtime.advance(byMs: 1)
        #expect(try await runtime.request("Counter/a/get") == "104")
        #expect(try await runtime.request("Counter/a/reset") == "")
        #expect(try await runtime.client.object(Counter.self, key: "a").call(Counter.get) == 0)
        #expect(runtime.faults == [])
    }

    @Test(arguments: World.Crash.Moment.allCases, 0..<5)
    func aCrashAtAnyStepChangesNothing(_ moment: World.Crash.Moment, _ step: Int) async throws {
        let runtime = try MemoryRuntime([Counter(), Tally(amount: 2)])
        runtime.act { $0.crash = World.Crash(service: "Tally", step: step, moment: moment) }
        #expect(try await runtime.request("Tally/twice", "\"a\"") == "[2,4,5,1]")
        try await runtime.advance(byMs: 1_000)
        #expect(try await runtime.request("Counter/a/get") == "104")
        #expect(runtime.faults == [])
        #expect(runtime.lines.count == 1)
        #expect(runtime.published == [PublishedEvent(topic: "counted", data: Array(#"{"third":5}"#.utf8))])
    }

    @Test func aHandlerThatAsksForSomethingElseIsFound() async throws {
        struct Fickle: Service {
            static let ask = handler("ask") { (ctx: ServiceContext) async throws -> Int in
                let name = attempts.next() == 1 ? "one" : "two"
                let first = try await ctx.run(name) { 1 }
                return try await ctx.run("rest") { first }
            }
            static let attempts = Attempts()
            static let handlers: Handlers = [ask]
        }
        let runtime = try MemoryRuntime([Fickle()])
        runtime.act { $0.crash = World.Crash(service: "Fickle", step: 1, moment: .before) }
        let error = try await runtime.refusal("Fickle/ask")
        #expect(error?.code == 570)
        #expect(runtime.faults.count == 1)
    }

    @Test func cancelThrowsOnceAndLaterCallsWork() async throws {
        struct Patient: Service {
            static let wait = handler("wait") { (ctx: ServiceContext) async throws -> String in
                do {
                    return try await ctx.awakeable(of: String.self).value()
                } catch let error as TerminalError {
                    return try await ctx.run("undo") { "undone after \(error.message)" }
                }
            }
            static let handlers: Handlers = [wait]
        }
        let runtime = try MemoryRuntime([Patient()])
        let id = runtime.submit("Patient/wait", "")
        try await runtime.settle()
        runtime.act { $0.cancel(id) }
        #expect(try await runtime.client.attach(id, of: Patient.wait) == "undone after canceled")

        let other = runtime.submit("Patient/wait", "")
        try await runtime.settle()
        let awakeable = try #require(runtime.act { world in world.awakeables.first { $0.value.id == other }?.key })
        try await runtime.client.resolveAwakeable(awakeable, "hello")
        #expect(try await runtime.client.attach(other, of: Patient.wait) == "hello")
    }
}

final class Attempts: Sendable {
    private let count = Mutex(0)

    func next() -> Int {
        count.withLock {
            $0 += 1
            return $0
        }
    }
}
