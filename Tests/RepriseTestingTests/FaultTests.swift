import Reprise
import RepriseTesting
import Testing

@Suite struct FaultTests {
    private let outside = Outside()

    private func start() throws -> TestRuntime { try TestRuntime([Parcels(outside: outside), Counter()]) }

    @Test func aStepThatFailsTwice() async throws {
        let runtime = try start()
        runtime.inject(.error(times: 2), at: "insist")
        let run = try await runtime.run(Parcels.insist)
        #expect(try run.output == "done")
        #expect(run.operations[0].attempts == 3)
        #expect(outside.all == ["insist"], "failures keep the closure from being executed")
        #expect(runtime.executions(of: "insist") == 1)
    }

    @Test func aStepThatAlwaysFails() async throws {
        let runtime = try start()
        runtime.inject(.error("no way", times: nil), at: "insist")
        let before = runtime.now
        let run = try await runtime.run(Parcels.insist)
        #expect(run.result == .failure(TerminalError("no way")))
        #expect(run.operations[0].attempts == 3)
        #expect(run.operations[0].status == .failed)
        #expect(runtime.now - before >= .seconds(10), "5 s, then up to 10 s")
        runtime.clearFaults()
        #expect(try await runtime.run(Parcels.insist).output == "done")
    }

    @Test func aStepThatFailsForGood() async throws {
        let runtime = try start()
        runtime.inject(.terminal("the van is gone", code: 410), at: "pick up")
        let run = try await runtime.run(Parcels.deliver, "Rome")
        #expect(run.result == .failure(TerminalError("the van is gone", code: 410)))
        #expect(run.operations.map(\.attempts) == [1])
        #expect(outside.all == [])
        #expect(try await runtime.run(Parcels.deliver, "Rome").output == 1)
    }

    @Test func aResultThatGetsLost() async throws {
        let runtime = try start()
        runtime.inject(.lostResult(), at: "insist")
        let run = try await runtime.run(Parcels.insist)
        #expect(try run.output == "done")
        #expect(outside.all == ["insist", "insist"])
        #expect(runtime.executions(of: "insist") == 2)
    }

    @Test func onlyInOneService() async throws {
        let runtime = try start()
        runtime.inject(.terminal(), at: "insist", in: Counter.self)
        #expect(try await runtime.run(Parcels.insist).output == "done")
        runtime.inject(.terminal(), at: "insist", in: Parcels.self)
        #expect(try await runtime.run(Parcels.insist).status == .failed)
    }
}
