import DurableModel
import Testing

@testable import EngineCore

/// Closures: executed at least once, their recorded result exactly once.
@Suite struct RunTests {
    let d = Driver()

    init() { d.call(.greet) }

    func begin(_ policy: RetryPolicy? = nil) {
        d.op(1, .run(name: "r", policy: policy))
        d.op(1, .await(entry: 0))
    }

    @Test func theClosureStartsOnceItsEntryIsDurableAndItsResultIsRecorded() {
        d.op(1, .run(name: "r", policy: nil))
        #expect(d.now == ["resume #1.1 started /0"])
        #expect(d.rows == ["new #1/0 run r"])
        #expect(d.later == ["run #1/0 try 1"])
        #expect(d.now(d.op(1, .await(entry: 0))) == [])
        #expect(d.engine.parkedAttempts == 1)
        #expect(d.commit() == ["run #1/0 try 1"])
        #expect(d.now(d.runEnds(1, 0, .success(b("x")))) == ["resume #1.1 ok x"])
        #expect(d.rows == ["#1/0 run r: ok x"])
        #expect(d.now(d.op(1, .await(entry: 0))) == ["resume #1.1 ok x"])
    }

    @Test func aTerminalErrorIsRecordedWhateverThePolicy() {
        begin()
        d.commit()
        d.runEnds(1, 0, .terminal(TerminalFailure(code: 402, message: "declined")))
        #expect(d.now == ["resume #1.1 failure 402 declined"])
        #expect(d.journal(1) == ["run r: failure 402 declined"])
    }

    @Test func itsOwnPolicyEndsInARecordedTerminalFailure() {
        begin(.twice)
        d.commit()
        d.runEnds(1, 0, .failed("no"))
        #expect(d.now == [] && d.events == ["run failed #1 r: no"])
        #expect(d.rows.first == "#1/0 run r" && d.rows.last?.hasPrefix("timer #1/0 at") == true)
        #expect(d.later(d.wait(99)) == [])
        #expect(d.later(d.wait(31)) == ["run #1/0 try 2"])
        #expect(d.rows == ["timer #1/0 gone", "#1/0 run r"])
        d.commit()
        #expect(d.now(d.runEnds(1, 0, try: 2, .failed("never"))) == ["resume #1.1 failure 500 never"])
        #expect(d.status(1) == .running)
    }

    @Test func withoutAPolicyTheInvocationsRetriesItAndThenItPauses() {
        begin()
        for number in 1...3 {
            #expect(d.commit().contains("run #1/0 try \(number)"))
            d.runEnds(1, 0, try: number, .failed("no"))
            if number < 3 { d.wait(600) }
        }
        #expect(d.now == ["end #1.1", "forget runs #1"])
        #expect(d.events == ["paused #1: step \"r\" failed 3 times: no"])
        #expect(d.journal(1) == ["run r"])
    }

    @Test func twoThatAreExhaustedPauseOnce() {
        d.call(.impatient)
        d.op(2, .run(name: "r", policy: nil))
        d.op(2, .run(name: "s", policy: nil))
        d.op(2, .await(entry: 0))
        d.commit()
        d.runEnds(2, 0, .failed("no"))
        #expect(d.status(2) == .paused)
        d.runEnds(2, 1, .failed("neither"))
        #expect(d.status(2) == .paused && d.engine.pausedInvocations == 1)
        d.commit()
        #expect(!d.isResident(2))
    }

    @Test func exhaustionWhileTheInvocationBacksOffPausesItForGood() {
        d.call(.greet)
        d.op(2, .run(name: "r", policy: nil))
        d.op(2, .run(name: "s", policy: nil))
        d.commit()
        for number in 1...2 {
            d.runEnds(2, 0, try: number, .failed("no"))
            d.wait(600)
            d.commit()
        }
        d.ends(2, .failed("gave up"))
        #expect(d.status(2) == .backingOff)
        d.runEnds(2, 0, try: 3, .failed("no"))
        #expect(d.status(2) == .paused)
        #expect(d.now(d.wait(5_000)) == [], "no attempt follows")
    }

    @Test func theResultCountsAfterTheAttemptHasEnded() {
        d.op(1, .run(name: "r", policy: nil))
        d.commit()
        d.ends(1, .failed("no"))
        #expect(d.now == ["forget runs #1"])
        d.commit()
        #expect(d.isResident(1), "a closure is under way")
        d.runEnds(1, 0, .success(b("x")))
        #expect(d.rows == ["#1/0 run r: ok x"])
        d.commit()
        #expect(!d.isResident(1))
        d.wait(200)
        d.answerLoads()
        #expect(d.later(d.op(1, .run(name: "r", policy: nil))) == [], "not executed again")
        #expect(d.now(d.op(1, .await(entry: 0))) == ["resume #1.2 ok x"])
    }

    @Test func aNewAttemptWaitsForTheClosureOfTheOldOne() {
        d.op(1, .run(name: "r", policy: nil))
        d.commit()
        d.ends(1, .failed("no"))
        d.wait(200)
        #expect(d.later(d.op(1, .run(name: "r", policy: nil))) == [], "it is still executing")
        d.op(1, .await(entry: 0))
        #expect(d.now(d.runEnds(1, 0, .success(b("x")))) == ["resume #1.2 ok x"])
    }

    @Test func resultsThatNobodyWaitsForAreIgnored() {
        begin(.twice)
        d.commit()
        d.runEnds(1, 0, .failed("no"))
        #expect(d.rows(d.runEnds(1, 0, .success(b("again")))) == [], "this execution has ended already")
        #expect(d.rows(d.runEnds(1, 0, try: 2, .success(b("early")))) == [], "this one has not begun")
        #expect(d.rows(d.runEnds(7, 0, .success([]))) == [])
        #expect(d.rows(d.runEnds(1, 5, .success([]))) == [])
    }

    @Test func theResultAfterTheInvocationHasCompletedIsIgnored() {
        d.op(1, .run(name: "r", policy: nil))
        d.commit()
        d.returns(1)
        d.commit()
        #expect(d.isResident(1))
        #expect(d.rows(d.runEnds(1, 0, .success([]))) == [])
        d.call(.greet)
        d.commit()
        #expect(!d.isResident(1))
    }

    @Test func theResultWhilePausedIsRecorded() {
        d.op(1, .run(name: "r", policy: nil))
        d.commit()
        d.ends(1, .impossible("no"))
        #expect(d.rows(d.runEnds(1, 0, .success(b("x")))) == ["#1/0 run r: ok x"])
        #expect(d.status(1) == .paused)
    }

    @Test func failuresAndTheirTimerSurviveACrash() throws {
        begin(RetryPolicy(initialDelayMs: 10_000, maxDelayMs: 100_000, maxAttempts: 3))
        d.commit()
        d.runEnds(1, 0, .failed("no"))
        d.commit()
        let dueMs = try #require(d.disk.timers[TimerID(serial: 1, slot: .entry(0))])
        d.nowMs += 4_000
        d.crash()
        d.answerLoads()
        d.commit()
        #expect(d.later(d.op(1, .run(name: "r", policy: .twice))) == [], "its time has not come")
        d.op(1, .await(entry: 0))
        #expect(d.later(d.wait(dueMs - 1 - d.nowMs)) == [])
        #expect(d.later(d.wait(1)) == ["run #1/0 try 2"], "at the time it was due before the crash")
        d.commit()
        d.crash()
        d.answerLoads()
        d.commit()
        #expect(d.later(d.op(1, .run(name: "r", policy: .twice))) == ["run #1/0 try 2"], "it had not ended")
        d.commit()
        d.runEnds(1, 0, try: 2, .failed("no"))
        #expect(d.status(1) == .running)
        d.wait(50_000)
        d.commit()
        d.op(1, .await(entry: 0))
        d.runEnds(1, 0, try: 3, .failed("no"))
        #expect(d.now == ["resume #1.1 failure 500 no"], "the policy of the journal counts: three in all")
    }

    @Test func aRetryThatFallsDueWithoutAnAttemptWaitsForTheNextOne() {
        d.op(1, .run(name: "r", policy: .twice))
        d.commit()
        d.runEnds(1, 0, .failed("no"))
        d.nowMs += 60
        d.ends(1, .failed("no"))
        d.commit()
        #expect(!d.isResident(1))
        d.wait(40 + 30)
        if !d.outstanding.isEmpty { d.answerLoads() }
        #expect(d.later == [])
        d.wait(500)
        #expect(d.later(d.op(1, .run(name: "r", policy: .twice))) == ["run #1/0 try 2"])
    }

    @Test func severalAtOnce() {
        for name in ["r", "s", "t"] { d.op(1, .run(name: name, policy: nil)) }
        #expect(d.commit() == ["run #1/0 try 1", "run #1/1 try 1", "run #1/2 try 1"])
        d.runEnds(1, 2, .success(b("t")))
        d.op(1, .await(entry: 0))
        #expect(d.now(d.runEnds(1, 1, .success(b("s")))) == [])
        #expect(d.now(d.runEnds(1, 0, .success(b("r")))) == ["resume #1.1 ok r"])
    }

    @Test func aPolicyBoundByTime() {
        begin(RetryPolicy(initialDelayMs: 100, maxDelayMs: 100, maxDurationMs: 150))
        d.commit()
        d.runEnds(1, 0, .failed("no"))
        d.wait(149)
        d.commit()
        d.runEnds(1, 0, try: 2, .failed("no"))
        #expect(d.now == [], "150 ms have not passed since the first failure")
        d.wait(200)
        d.commit()
        #expect(d.now(d.runEnds(1, 0, try: 3, .failed("no"))) == ["resume #1.1 failure 500 no"])
    }
}

@Suite struct BackoffTests {
    @Test func delaysGrowToTheirCapAndNeverBeyondTheEndOfTime() {
        let d = Driver()
        let extremes = [
            RetryPolicy(initialDelayMs: .max, maxDelayMs: .max),
            RetryPolicy(initialDelayMs: 1, factor: .infinity, maxDelayMs: .max),
            RetryPolicy(initialDelayMs: -5, factor: -3, maxDelayMs: -1),
        ]
        for (index, policy) in extremes.enumerated() {
            let serial = InvocationSerial(Int64(index + 1))
            d.call(.greet)
            d.op(serial, .run(name: "r", policy: policy))
            d.commit()
            d.runEnds(serial, 0, .failed("no"))
            d.wait(0)
            d.commit()
            if d.closures.contains(RunID(serial: serial, entry: 0, attempt: 2)) {
                d.runEnds(serial, 0, try: 2, .failed("no"))
            }
            #expect(d.status(serial) == .running)
        }
    }

    @Test(arguments: [Double.nan, -.infinity, .infinity, .signalingNaN])
    func anyFactorGivesATime(_ factor: Double) {
        let policy = RetryPolicy(initialDelayMs: 1, factor: factor, maxDelayMs: .max)
        let nextMs = policy.nextAttemptMs(failures: 3, firstFailureMs: 0, nowMs: 100, jitter: .max)
        #expect(nextMs ?? 0 >= 100)
    }

    @Test func delaysDoubleWithUpToAThirdOfJitter() {
        let d = Driver()
        d.call(.greet)
        d.op(1, .run(name: "r", policy: RetryPolicy(initialDelayMs: 100, maxDelayMs: 350, maxAttempts: 9)))
        for (number, baseMs) in [(1, 100), (2, 200), (3, 350), (4, 350)] as [(Int, Int64)] {
            d.commit()
            d.runEnds(1, 0, try: number, .failed("no"))
            let dueMs = d.truth.timers[TimerID(serial: 1, slot: .entry(0))] ?? 0
            #expect((baseMs...(baseMs * 13 / 10)).contains(dueMs - d.nowMs))
            d.wait(dueMs - d.nowMs)
        }
    }
}
