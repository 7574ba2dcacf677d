import Reprise
import RepriseTesting
import Testing

@Suite struct RecordingTests {
    private let outside = Outside()

    private func start(_ time: TestRuntime.TimeFlow = .automatic) throws -> TestRuntime {
        try TestRuntime([Parcels(outside: outside), Counter()], time: time)
    }

    @Test func operationsByIndexAndName() async throws {
        let runtime = try start()
        let run = try await runtime.run(Parcels.deliver, "Rome")
        #expect(run.status == .succeeded)
        #expect(try run.output == 1)
        #expect(run.operations.map(\.kind) == [.step, .wait, .call, .send])
        #expect(run.operations[1].waitSeconds == 86_400)
        #expect(run.operations[0].waitSeconds == nil)
        #expect(try run.invocation.operation(named: "pick up").index == 0)
        let call = try run.invocation.operation(named: "Counter/Rome/add")
        #expect(try call.value(as: Int.self) == 1)
        #expect(call.input == Array("1".utf8))
        #expect(throws: UnexpectedOperations.self) { try run.invocation.operation(named: "drop") }
        let add = try #require(await runtime.invocations(of: Counter.add).first)
        #expect(add.journal.map(\.kind) == [.getState, .setState])
        #expect(add.operations.isEmpty)
        #expect(await runtime.state(ofService: Counter.self, key: "Rome") == ["count": Array("1".utf8)])
        #expect(runtime.lines == ["delivered to Rome"])
    }

    @Test func theTable() async throws {
        let runtime = try start()
        let run = try await runtime.run(Parcels.deliver, "Rome")
        #expect(
            run.invocation.table == """
                Parcels/deliver succeeded: 1
                  #  kind  name              status     attempts  wait       result
                  0  step  pick up           succeeded  1
                  1  wait                    succeeded  1         86400.0 s
                  2  call  Counter/Rome/add  succeeded  1                    1
                  3  send  Parcels/remind    succeeded  1

                """)
        #expect(await runtime.table.contains("Counter/Rome/add succeeded: 1"))
    }

    @Test func whatIsUnderWay() async throws {
        let runtime = try start(.manual)
        runtime.inject(.error("no van", times: 2), at: "pick up")
        let sent = try await runtime.client.service(Parcels.self).send(Parcels.deliver, "Rome")
        try await runtime.settle()
        let first = try #require(await runtime.invocation(sent.id))
        #expect(first.status == .running)
        #expect(!first.hasEnded)
        let step = first.operations[0]
        #expect(step.status == .retrying)
        #expect(step.attempts == 1)
        #expect(step.lastFailure == "no van")
        #expect(throws: MissingResult.self) { try step.value(as: Int.self) }
        try await runtime.advance(by: .seconds(10))
        let second = try #require(await runtime.invocation(sent.id))
        #expect(second.operations.map(\.status) == [.succeeded, .pending])
        #expect(second.operations[0].attempts == 3)
        #expect(second.operations[0].lastFailure == "no van")
    }

    @Test func whatWaitsForItsTurn() async throws {
        let runtime = try start(.manual)
        let counter = runtime.client.object(Counter.self, key: "k")
        try await counter.send(Counter.slow)
        try await counter.send(Counter.add, 1)
        try await runtime.settle()
        try await runtime.advance(by: .minutes(30))
        #expect(await runtime.invocations.map(\.status) == [.suspended, .pending])
        try await runtime.advance(by: .minutes(30))
        #expect(await runtime.invocations.map(\.status) == [.succeeded, .succeeded])
    }

    @Test func failures() async throws {
        let runtime = try start()
        let run = try await runtime.run(Counter.fail, key: "k")
        #expect(run.status == .failed)
        #expect(throws: TerminalError("nothing to count", code: 409)) { try run.output }
        #expect(await runtime.invocation("inv_nonsense") == nil)
    }
}
