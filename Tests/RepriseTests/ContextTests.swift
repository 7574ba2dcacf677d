import Testing

@testable import Reprise

@Suite struct ContextTests {
    @Test func randomNumbersAreFixedForAllVersions() {
        let random = DurableRandom(seed: 42)
        #expect([random.next(), random.next()] == [13_679_457_532_755_275_413, 2_949_826_092_126_892_291])
        let uuids = DurableRandom(seed: 1)
        let uuid = uuids.uuid()
        #expect(uuid == DurableRandom(seed: 1).uuid())
        #expect(uuid != uuids.uuid())
        #expect(uuid.wholeMatch(of: #/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/#) != nil)
    }

    @Test func rangesAreMetEvenly() {
        let random = DurableRandom(seed: 7)
        var counts = [Int](repeating: 0, count: 6)
        for _ in 0..<60_000 { counts[random.next(in: 1...6) - 1] += 1 }
        #expect(counts.allSatisfy { (9_500...10_500).contains($0) })
        for _ in 0..<100 {
            #expect((Int.min..<Int.max).contains(random.next(in: Int.min..<Int.max)))
            #expect((-3..<3).contains(random.next(in: -3..<3)))
            #expect((0..<1).contains(random.nextUnit()))
        }
    }

    @Test(
        arguments: [
            (Duration.zero, 0), (.milliseconds(5), 5), (.microseconds(1), 1), (.microseconds(1_001), 2),
            (.minutes(15), 900_000),
            (.hours(1), 3_600_000), (.milliseconds(-5), -5), (.seconds(Int64.max), Int64.max),
        ] as [(Duration, Int64)])
    func durationsAreRoundedUp(_ duration: Duration, _ milliseconds: Int64) {
        #expect(duration.wholeMilliseconds == milliseconds)
    }

    @Test func timestampsAreNumbers() throws {
        let time = Timestamp(milliseconds: 1_700_000_000_123)
        #expect(try JSONText.encode([time]) == Array("[1700000000123]".utf8))
        #expect(try JSONText.decode([Timestamp].self, from: Array("[5]".utf8)) == [Timestamp(milliseconds: 5)])
        #expect((time + .seconds(1)).milliseconds == 1_700_000_001_123)
        #expect(time + .seconds(1) - time == .seconds(1))
        #expect(time < time + .milliseconds(1))
        #expect(time.date.timeIntervalSince1970 == 1_700_000_000.123)
    }

    @Test func whatIsStoredInAnotherShapeIsNamed() async throws {
        struct Old: VirtualObject {
            static let write = exclusive("write") { (ctx: ObjectContext) in
                try await ctx.set(StateKey<String>("value"), "text")
            }
            static let read = shared("read") { (ctx: SharedObjectContext) async throws -> Int in
                do {
                    return try await ctx.get(StateKey<Int>("value")) ?? 0
                } catch let error as StoredValueError {
                    throw TerminalError(error.source)
                }
            }
            static let handlers: Handlers = [write, read]
        }
        let runtime = try MemoryRuntime([Old()])
        _ = try await runtime.request("Old/a/write")
        #expect(try await runtime.refusal("Old/a/read") == TerminalError("state 'value'"))
    }

    @Test func stateSleepKeysAndIdentity() async throws {
        struct Probe: VirtualObject {
            static let text = StateKey<String>("text")
            static let all = exclusive("all") { (ctx: ObjectContext, name: String) async throws -> [String] in
                try await ctx.set(text, name)
                try await ctx.set(StateKey<Int>("number"), 1)
                let keys = try await ctx.stateKeys()
                try await ctx.clear(text)
                let before = try await ctx.now()
                let timer = try await ctx.timer(.seconds(2))
                try await ctx.sleep(.milliseconds(1_500))
                try await timer.value()
                let passed = try await ctx.now() - before
                let isGone = try await ctx.get(text) == nil
                try await ctx.clearAll()
                let left = try await ctx.stateKeys()
                return keys + [
                    "\(passed)", "\(isGone)", "\(left)", ctx.key, ctx.derivedKey("charge"), ctx.invocationID,
                ]
            }
            static let handlers: Handlers = [all]
        }
        let runtime = try MemoryRuntime([Probe()])
        let id = runtime.submit("Probe/a%b/all", #""x""#)
        try await runtime.advance(byMs: 1_999)
        #expect(try await runtime.client.output(id, of: Probe.all) == nil)
        try await runtime.advance(byMs: 1)
        let lines = try #require(try await runtime.client.output(id, of: Probe.all))
        #expect(Array(lines[0..<6]) == ["number", "text", "2.0 seconds", "true", "[]", "a%b"])
        #expect(lines[6] == "\(id)-charge-9e3779b97f4a7c15")
        #expect(lines[7] == id)
    }

    @Test func runsAreRetriedByTheirPolicy() async throws {
        struct Flaky: Error {}
        struct Retrying: Service {
            static let attempts = Attempts()
            static let once = handler("once") { (ctx: ServiceContext) async throws -> Int in
                try await ctx.run("flaky", retry: RunRetryPolicy(maxAttempts: 3)) {
                    let attempt = attempts.next()
                    if attempt < 3 { throw Flaky() }
                    return attempt
                }
            }
            static let never = handler("never") { (ctx: ServiceContext) in
                try await ctx.run("broken", retry: RunRetryPolicy(maxAttempts: 2)) { throw Flaky() }
            }
            static let handlers: Handlers = [once, never]
        }
        let runtime = try MemoryRuntime([Retrying()])
        #expect(try await runtime.request("Retrying/once") == "3")
        #expect(try await runtime.refusal("Retrying/never")?.message == "Flaky()")
    }
}
