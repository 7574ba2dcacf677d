import DurableModel
import EngineCore
import Testing

/// Calls that wait for each other: the youngest fails with an error that names the cycle.
@Suite struct DeadlockTests {
    let d = Driver()

    private func call(_ serial: InvocationSerial, _ target: InvocationTarget) {
        d.op(serial, .call(target, input: [], idempotencyKey: nil))
    }

    private func waits(_ serial: InvocationSerial, _ entry: Int = 0) -> [String] {
        d.now(d.op(serial, .await(entry: entry)))
    }

    private func isDeadlock(_ line: String?, of attempt: String) -> Bool {
        line?.hasPrefix("resume \(attempt) failure 409 deadlock: ") == true
    }

    @Test func whoCallsItself() {
        d.call(.add("a"))
        call(1, .add("a"))
        let now = waits(1)
        #expect(now.count == 1 && isDeadlock(now.first, of: "#1.1"))
        #expect(now[0].contains("Counter/a/add"))
        #expect(d.truth.invocations[2] == nil, "the call will never be executed")
        d.returns(1)
        #expect(d.engine.busyLanes == 0)
    }

    @Test func overASecondObject() {
        d.call(.add("a"))
        call(1, .add("b"))
        call(2, .add("a"))
        #expect(waits(1) == [])
        let now = waits(2)
        #expect(isDeadlock(now.first, of: "#2.2"))
        #expect(d.truth.invocations[3] == nil)
    }

    @Test func crossing() {
        d.call(.add("a"), as: 1)
        d.call(.add("b"), as: 2)
        call(1, .add("b"))
        call(2, .add("a"))
        #expect(waits(2) == [])
        let now = waits(1)
        #expect(now.count == 1 && isDeadlock(now.first, of: "#2.2"), "the youngest call fails, whoever closed the cycle")
        d.returns(2)
        d.returns(3)
        #expect(d.now == ["resume #1.1 ok "], "the other call is executed")
    }

    @Test func crossingWithOneOfThemSuspended() {
        let d = Driver { $0.inactivityMs = 1_000 }
        d.call(.add("a"), as: 1)
        d.call(.add("b"), as: 2)
        d.op(1, .call(.add("b"), input: [], idempotencyKey: nil))
        d.op(2, .call(.add("a"), input: [], idempotencyKey: nil))
        d.op(1, .await(entry: 0))
        d.nowMs += 1_000
        d.sweep()
        d.settle()
        #expect(d.status(1) == .suspended)
        d.op(2, .await(entry: 0))
        d.settle()
        #expect(d.journal(2).first?.hasPrefix("call add: failure 409 deadlock: ") == true)
    }

    @Test func throughASharedHandlerThatWaits() {
        d.call(.add("a"))
        call(1, .get("a"))
        call(2, .add("a"))
        #expect(waits(1) == [])
        #expect(isDeadlock(waits(2).first, of: "#2.2"))
    }

    @Test func byItsOwnIdempotencyKey() {
        d.call(.greet, key: "k")
        d.answerLoads()
        d.op(1, .call(.greet, input: [], idempotencyKey: "k"))
        #expect(isDeadlock(waits(1).first, of: "#1.1"))
    }

    @Test func allIsStuckByOne() {
        d.call(.add("a"))
        call(1, .add("a"))
        d.op(1, .sleep(durationMs: 100))
        d.op(1, .select(Waiting(.all, [0, 1])))
        #expect(d.now == ["resume #1.1 settled by /0"])
    }

    @Test func whoWaitsForAScheduledCallOfItsOwnKey() {
        d.send(.add("a"), delayMs: 500, key: "k")
        d.answerLoads()
        d.call(.add("a"), as: 2)
        d.op(2, .call(.add("a"), input: [], idempotencyKey: "k"))
        #expect(waits(2) == [], "it has not begun: nobody knows yet")
        #expect(isDeadlock(d.now(d.wait(500)).first, of: "#2.1"))
    }

    @Test func aSendIsNone() {
        d.call(.add("a"))
        d.op(1, .send(.add("a"), input: [], delayMs: nil, idempotencyKey: nil))
        #expect(d.now == ["resume #1.1 sent #2"])
        d.returns(1)
        #expect(d.now == ["start #2.2"])
    }

    @Test func aRacedFutureIsNone() {
        d.call(.add("a"))
        call(1, .add("a"))
        d.op(1, .sleep(durationMs: 100))
        d.op(1, .select(Waiting(.first, [0, 1])))
        #expect(d.now == [])
        #expect(d.now(d.wait(100)) == ["resume #1.1 settled by /1"])
    }

    @Test func aSharedHandlerIsNone() {
        d.call(.add("a"))
        call(1, .get("a"))
        #expect(waits(1) == [])
        #expect(d.now(d.returns(2, "n")) == ["resume #1.1 ok n"])
    }

    @Test func aLineIsNone() {
        d.call(.add("a"), as: 1)
        d.call(.greet, as: 2)
        d.op(2, .call(.add("a"), input: [], idempotencyKey: nil))
        #expect(d.now(d.op(2, .await(entry: 0))) == [])
        d.op(1, .sleep(durationMs: 10))
        #expect(waits(1) == [])
    }
}
