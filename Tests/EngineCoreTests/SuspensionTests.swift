import DurableModel
import EngineCore
import Testing

/// Attempts that wait for long leave memory and are replayed when what they wait for is there.
@Suite struct SuspensionTests {
    let d = Driver { $0.inactivityMs = 1_000 }

    private func pass(_ ms: Int64) -> [String] {
        d.nowMs += ms
        return d.now(d.sweep())
    }

    @Test func whoWaitsLongIsSuspendedAndWokenByTheResult() {
        d.call(.greet)
        d.op(1, .sleep(durationMs: 5_000))
        d.op(1, .await(entry: 0))
        #expect(pass(999) == [])
        #expect(pass(1) == ["end #1.1"])
        #expect(d.progress(1)?.waiting == Waiting(.first, [0]))
        d.settle()
        #expect(!d.isResident(1) && d.engine.liveAttempts == 0)
        d.wait(4_000)
        #expect(d.now(d.answerLoads()) == ["start #1.2"])
        #expect(d.progress(1)?.waiting == nil)
        d.op(1, .sleep(durationMs: 5_000))
        #expect(d.now(d.op(1, .await(entry: 0))) == ["resume #1.2 ok "])
    }

    @Test func whoSleepsLongerThanThatLeavesAtOnce() {
        d.call(.greet)
        d.op(1, .sleep(durationMs: 1_001))
        #expect(d.now(d.op(1, .await(entry: 0))) == ["end #1.1"])
        d.settle()
        #expect(!d.isResident(1) && d.engine.liveAttempts == 0)
        d.wait(1_001)
        #expect(d.now(d.answerLoads()) == ["start #1.2"])

        d.call(.greet, as: 2)
        d.op(2, .sleep(durationMs: 1_000))
        #expect(d.now(d.op(2, .await(entry: 0))) == [], "one that wakes sooner stays")

        d.call(.greet, as: 3)
        d.op(3, .sleep(durationMs: 9_000))
        d.op(3, .awakeable)
        #expect(d.now(d.op(3, .select(Waiting(.first, [0, 1])))) == [], "somebody may complete the awakeable any moment")
    }

    @Test func ofManyWhoSleepUntilTheSameMomentFewWakeAtATime() {
        let d = Driver {
            $0.inactivityMs = 1_000
            $0.wakingMax = 2
        }
        for serial in 1...5 {
            d.call(.greet, as: UInt64(serial))
            d.op(InvocationSerial(Int64(serial)), .sleep(durationMs: 5_000))
            d.op(InvocationSerial(Int64(serial)), .await(entry: 0))
        }
        d.settle()
        d.wait(4_999)
        #expect(d.engine.nextTimerMs == d.nowMs + 1)
        d.wait(1)
        #expect(d.outstanding.count == 2 && d.engine.nextTimerMs == nil, "the others wait until there is room")
        d.answerLoad()
        #expect(d.engine.nextTimerMs == d.nowMs)
        d.wait(0)
        #expect(d.outstanding.count == 2)
        for _ in 0..<5 where !d.outstanding.isEmpty {
            d.answerLoads()
            d.wait(0)
        }
        #expect((1...5).allSatisfy { d.status(InvocationSerial($0)) == .running })
    }

    @Test func nobodyWakesWhileTheDiskIsFarBehind() {
        let d = Driver {
            $0.inactivityMs = 1_000
            $0.speculationTurnsMax = 8
        }
        d.call(.greet)
        d.op(1, .sleep(durationMs: 5_000))
        d.op(1, .await(entry: 0))
        d.settle()
        for caller in 2...9 { d.call(.greet, as: UInt64(caller)) }
        d.wait(5_000)
        #expect(d.outstanding.isEmpty && d.engine.nextTimerMs == nil)
        d.commit()
        #expect(d.engine.nextTimerMs != nil)
        d.wait(0)
        #expect(d.outstanding.count == 1)
    }

    @Test func anyOtherResultIsRecordedAndDoesNotWakeIt() {
        d.call(.greet)
        d.op(1, .sleep(durationMs: 3_000))
        d.op(1, .sleep(durationMs: 5_000))
        d.op(1, .await(entry: 1))
        #expect(pass(1_000) == ["end #1.1"])
        d.settle()
        d.wait(2_000)
        #expect(d.now(d.answerLoads()) == [])
        d.wait(2_000)
        d.settle()
        #expect(d.status(1) == .running)
    }

    @Test func whoIsAtWorkIsNot() {
        d.call(.greet)
        d.call(.greet, as: 2)
        d.op(2, .run(name: "r", policy: nil))
        d.commit()
        d.op(2, .await(entry: 0))
        #expect(pass(2_000) == [], "#1 computes, the closure of #2 is executing")
    }

    @Test func aStepThatBacksOffIsExecutedByTheNextAttempt() {
        d.call(.greet)
        d.op(1, .run(name: "r", policy: RetryPolicy(initialDelayMs: 5_000, maxDelayMs: 5_000)))
        d.commit()
        d.op(1, .await(entry: 0))
        d.runEnds(1, 0, .failed("once"))
        #expect(pass(1_000) == ["end #1.1", "forget runs #1"])
        d.settle()
        d.wait(9_000)
        #expect(d.now(d.answerLoads()) == ["start #1.2"])
        let policy = RetryPolicy(initialDelayMs: 5_000, maxDelayMs: 5_000)
        #expect(d.later(d.op(1, .run(name: "r", policy: policy))) == ["run #1/0 try 2"])
    }

    @Test func aSuspendedOneStaysSoOverARestart() {
        d.call(.greet)
        d.op(1, .sleep(durationMs: 50_000))
        d.op(1, .await(entry: 0))
        _ = pass(1_000)
        d.commit()
        #expect(d.now(d.crash()) == [] && d.loads == [], "nothing is replayed before there is a reason")
        d.commit()
        d.wait(60_000)
        d.answerLoads()
        #expect(d.status(1) == .running)
    }

    @Test func theOwnerOfALaneKeepsIt() {
        d.call(.add("a"))
        d.call(.add("a"), as: 2)
        d.op(1, .sleep(durationMs: 5_000))
        d.op(1, .await(entry: 0))
        #expect(pass(1_000) == ["end #1.1"])
        d.settle()
        #expect(d.status(2) == .pending)
    }

    @Test func cancelAndKillReachTheSuspended() {
        for serial in [InvocationSerial(1), 2] {
            d.call(.greet, as: UInt64(serial.rawValue))
            d.op(serial, .sleep(durationMs: 50_000))
            d.op(serial, .await(entry: 0))
        }
        _ = pass(1_000)
        d.settle()
        d.steer(1, .cancel)
        #expect(d.now(d.answerLoads()) == ["start #1.3"])
        d.op(1, .sleep(durationMs: 50_000))
        #expect(d.now(d.op(1, .await(entry: 0))) == ["resume #1.3 failure 409 Cancelled"])
        d.steer(2, .kill)
        d.answerLoads()
        #expect(d.later == ["answer c2 #2 failure 409 killed", "answer c8 done"])
    }

    @Test func aStaleAttemptIsRefused() {
        d.call(.greet)
        d.op(1, .sleep(durationMs: 5_000))
        d.op(1, .await(entry: 0))
        let attempt = d.attempt(1)
        _ = pass(1_000)
        #expect(d.now(d.step(.operation(attempt, .now))) == ["resume #1.1 ended"])
        #expect(d.rows(d.step(.attemptEnded(attempt, .returned(b("late"))))) == [])
        #expect(d.status(1) == .suspended)
    }

    @Test func tooManyLiveAttemptsMakeRoom() {
        let d = Driver { $0.liveAttemptsMax = 20 }
        for serial in 1...20 {
            d.call(.greet, as: UInt64(serial))
            d.op(InvocationSerial(Int64(serial)), .sleep(durationMs: 5_000))
            d.op(InvocationSerial(Int64(serial)), .await(entry: 0))
            d.nowMs += 1
        }
        d.call(.greet, as: 99)
        #expect(d.now == ["end #1.1", "end #2.2", "start #21.21"], "a tenth goes, the longest waiting first")
        #expect(d.engine.liveAttempts == 19)
    }

    @Test func whoNeitherWaitsNorReturnsIsReportedOnce() {
        let d = Driver { $0.stuckAfterMs = 1_000 }
        d.call(.greet)
        d.call(.greet, as: 2)
        d.op(2, .sleep(durationMs: 90_000))
        d.op(2, .await(entry: 0))
        d.nowMs += 1_000
        d.sweep()
        #expect(d.events == ["stuck #1 greet for 1000"])
        #expect(d.engine.stuckAttempts == 1)
        d.nowMs += 1_000
        d.sweep()
        #expect(d.events == [])
        d.op(1, .now)
        d.sweep()
        #expect(d.engine.stuckAttempts == 0)
    }
}
