import DurableModel
import EngineCore
import Testing

/// Waits for several results: which one decided is the same in every replay.
@Suite struct SelectTests {
    let d = Driver()

    init() { d.call(.greet) }

    /// Two awakeables of #1, at /0 and /1.
    private func twoAwakeables() -> (AwakeableID, AwakeableID) {
        d.op(1, .awakeable)
        let first = d.createdAwakeable
        d.op(1, .awakeable)
        return (first, d.createdAwakeable)
    }

    /// Crashes, and brings #1 back to where it has both awakeables.
    private func replay() {
        d.commit()
        d.crash()
        d.answerLoads()
        d.commit()
        d.op(1, .awakeable)
        d.op(1, .awakeable)
    }

    private func select(_ condition: Waiting.Condition) -> [String] {
        d.now(d.op(1, .select(Waiting(condition, [0, 1]))))
    }

    @Test func theFirstDecidesForEver() {
        let (a, b) = twoAwakeables()
        #expect(select(.first) == [])
        #expect(d.now(d.complete(b, "b")) == ["resume #1.1 settled by /1"])
        d.complete(a, "a")
        #expect(select(.first) == ["resume #1.1 settled by /1"])
        replay()
        #expect(select(.first) == ["resume #1.1 settled by /1"], "although /0 stands first and has ended too")
        #expect(d.now(d.op(1, .await(entry: 0))) == ["resume #1.1 ok a"])
    }

    @Test func allWaitsForAll() {
        let (a, b) = twoAwakeables()
        #expect(select(.all) == [])
        #expect(d.now(d.complete(b, "b")) == [])
        #expect(d.now(d.complete(a, "a")) == ["resume #1.1 settled by /0"])
    }

    @Test func allEndsWithTheFirstFailure() {
        let (a, b) = twoAwakeables()
        #expect(select(.all) == [])
        let no = Outcome.failure(TerminalFailure(message: "no"))
        #expect(d.now(d.command(.completeAwakeable(b, no), as: 9)) == ["resume #1.1 settled by /1"])
        d.command(.completeAwakeable(a, no), as: 9)
        replay()
        #expect(select(.all) == ["resume #1.1 settled by /1"], "the failure that came first")
    }

    @Test func firstSuccessPassesFailuresBy() {
        let (a, b) = twoAwakeables()
        #expect(select(.firstSuccess) == [])
        #expect(d.now(d.command(.completeAwakeable(a, .failure(TerminalFailure(message: "no"))), as: 9)) == [])
        #expect(d.now(d.complete(b, "b")) == ["resume #1.1 settled by /1"])
    }

    @Test func firstSuccessOfNoneIsTheLastFailure() {
        let (a, b) = twoAwakeables()
        let no = Outcome.failure(TerminalFailure(message: "no"))
        d.command(.completeAwakeable(b, no), as: 9)
        #expect(select(.firstSuccess) == [])
        #expect(d.now(d.command(.completeAwakeable(a, no), as: 9)) == ["resume #1.1 settled by /0"])
    }

    @Test func allSettledWaitsForFailuresToo() {
        let (a, b) = twoAwakeables()
        #expect(select(.allSettled) == [])
        #expect(d.now(d.command(.completeAwakeable(a, .failure(TerminalFailure(message: "no"))), as: 9)) == [])
        #expect(d.now(d.complete(b, "b")) == ["resume #1.1 settled by /1"])
    }

    @Test func aTimeoutIsARaceWithASleep() {
        d.op(1, .awakeable)
        let a = d.createdAwakeable
        d.op(1, .sleep(durationMs: 100))
        #expect(select(.first) == [])
        #expect(d.now(d.wait(100)) == ["resume #1.1 settled by /1"])
        d.complete(a, "late")
        d.commit()
        d.crash()
        d.answerLoads()
        d.commit()
        d.op(1, .awakeable)
        d.op(1, .sleep(durationMs: 100))
        #expect(select(.first) == ["resume #1.1 settled by /1"])
    }

    @Test func nothingToWaitFor() {
        #expect(d.now(d.op(1, .select(Waiting(.all, [])))) == ["resume #1.1 settled by nothing"])
        d.op(1, .select(Waiting(.first, [])))
        #expect(d.status(1) == .paused)
    }

    @Test func aFanOutCostsOneWakeUp() {
        let count = 2_000
        for _ in 0..<count { d.step(.operation(d.attempt(1), .awakeable)) }
        let all = (0..<count).map { $0 }
        #expect(d.now(d.op(1, .select(Waiting(.all, all)))) == [])
        #expect(d.engine.parkedAttempts == 1)
    }
}
