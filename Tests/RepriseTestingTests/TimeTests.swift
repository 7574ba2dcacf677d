import Foundation
import Reprise
import RepriseTesting
import Testing

@Suite struct TimeTests {
    private let outside = Outside()

    private func start(_ time: TestRuntime.TimeFlow = .automatic, patience: Duration = .seconds(10)) throws -> TestRuntime {
        try TestRuntime([Parcels(outside: outside), Counter()], time: time, patience: patience)
    }

    @Test func aCallTakesNoTimeHoweverLongItWaits() async throws {
        let runtime = try start()
        let before = runtime.now
        let parcels = runtime.client.service(Parcels.self)
        #expect(try await parcels.call(Parcels.hesitate, 900) == 900)
        #expect(runtime.now - before == .minutes(15))
        #expect(try await parcels.call(Parcels.hesitate, 86_400 * 365 * 10) == 86_400 * 365 * 10)
        #expect(runtime.differences == [])
    }

    @Test func aWaitOfNothingAfterAnotherOne() async throws {
        let runtime = try start()
        let parcels = runtime.client.service(Parcels.self)
        #expect(try await parcels.call(Parcels.hesitate, 60) == 60)
        #expect(try await parcels.call(Parcels.hesitate, 0) == 0)
        #expect(try await parcels.call(Parcels.hesitate, -5) == 0)
    }

    @Test func nothingHurriesThoseWhoWaitForNothing() async throws {
        let runtime = try start()
        try await runtime.client.service(Parcels.self).send(Parcels.remind, "l", after: .seconds(60))
        try await runtime.settle()
        #expect(outside.all == [])
        #expect(await runtime.invocations.map(\.status) == [.scheduled])
        try await runtime.advance(by: .seconds(59))
        #expect(outside.all == [])
        try await runtime.advance(by: .seconds(1))
        #expect(outside.all == ["remind"])
    }

    @Test func timeStandsStillUntilItIsToldToPass() async throws {
        let runtime = try start(.manual)
        let start = runtime.now
        let sent = try await runtime.client.service(Parcels.self).send(Parcels.hesitate, 900)
        try await runtime.advance(by: .milliseconds(899_999))
        #expect(try await runtime.client.output(sent.id, of: Parcels.hesitate) == nil)
        try await runtime.advance(to: start + .seconds(900))
        #expect(try await runtime.client.output(sent.id, of: Parcels.hesitate) == 900)
    }

    @Test func timersFireInTheirOrderOnTheWay() async throws {
        let runtime = try start(.manual)
        let parcels = runtime.client.service(Parcels.self)
        var ids: [String] = []
        for seconds in [3_000, 1_000, 2_000] { ids.append(try await parcels.send(Parcels.hesitate, seconds).id) }
        try await runtime.advance(by: .seconds(5_000))
        let ends = try await ids.asyncMap { id in
            try await runtime.invocation(id)?.journal.last?.value(as: Int64.self)
        }
        let start = ends.compactMap { $0 }.min() ?? 0
        #expect(ends.compactMap { $0 }.map { $0 - start } == [2_000_000, 0, 1_000_000], "each woke at its own time")
    }

    @Test func driftingTimersAreLate() async throws {
        let runtime = try start(.manual)
        let sent = try await runtime.client.service(Parcels.self).send(Parcels.hesitate, 10)
        try await runtime.settle()
        runtime.drift(by: .seconds(15))
        try await runtime.settle()
        #expect(try await runtime.client.output(sent.id, of: Parcels.hesitate) == nil)
        try await runtime.advance(by: .zero)
        #expect(try await runtime.client.output(sent.id, of: Parcels.hesitate) == 15)
    }

    @Test func somebodyAnswersBeforeTheTimeout() async throws {
        let runtime = try start()
        let asked = try await runtime.client.service(Parcels.self).send(Parcels.ask, 3_600)
        try await runtime.settle()
        let id = try #require(outside.all.first)
        try await runtime.client.resolveAwakeable(id, "yes")
        #expect(try await runtime.client.attach(asked.id, of: Parcels.ask) == "yes")
        #expect(try await runtime.client.service(Parcels.self).call(Parcels.ask, 3_600) == "no answer")
    }

    @Test func aWaitForWhatNeverComesIsReported() async throws {
        let runtime = try start(.manual, patience: .milliseconds(200))
        do {
            _ = try await runtime.client.service(Parcels.self).call(Parcels.ask, 3_600)
            Issue.record("nobody has answered")
        } catch let error as TestStalled {
            #expect(error.description.contains("Parcels/ask running"), "\(error)")
            #expect(error.description.contains("the next timer is due in 3600000 ms"), "\(error)")
        }
    }

    @Test func whatGoesOnForEverIsReported() async throws {
        let runtime = try start(.automatic, patience: .milliseconds(100))
        let parcels = runtime.client.service(Parcels.self)
        try await parcels.send(Parcels.tick)
        let stuck = try await parcels.send(Parcels.ask, 2_000_000_000)
        await #expect(throws: TestStalled.self) { try await runtime.client.attach(stuck.id, of: Parcels.ask) }
    }

    /// Each has a thread of its own.
    @Test func aRuntimeThatIsLetGoEnds() async throws {
        for _ in 0..<300 {
            let runtime = try start()
            try await runtime.client.service(Parcels.self).send(Parcels.hesitate, 1)
            try await runtime.settle()
        }
        let deadline = ContinuousClock.now + .seconds(30)
        while try threads() > 100, ContinuousClock.now < deadline { try await Task.sleep(for: .milliseconds(10)) }
        #expect(try threads() <= 100)
    }

    private func threads() throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").count
    }
}

extension Array {
    fileprivate func asyncMap<Value>(_ transform: (Element) async throws -> Value) async rethrows -> [Value] {
        var values: [Value] = []
        for element in self { values.append(try await transform(element)) }
        return values
    }
}
