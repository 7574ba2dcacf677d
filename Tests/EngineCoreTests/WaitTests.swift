import DurableModel
import EngineCore
import Testing

/// Sleeps and awakeables, over restarts too.
@Suite struct SleepTests {
    let d = Driver()

    init() {
        d.call(.greet)
        d.op(1, .sleep(durationMs: 500))
        #expect(d.rows == ["new #1/0 sleep 500", "timer #1/0 at 1500"])
        d.op(1, .await(entry: 0))
    }

    @Test func itEndsWhenItIsDue() {
        #expect(d.now(d.wait(499)) == [])
        #expect(d.now(d.wait(1)) == ["resume #1.1 ok "])
        #expect(d.rows == ["timer #1/0 gone", "#1/0 sleep 500: elapsed"])
    }

    @Test func aRestartDoesNotMakeItLonger() {
        d.commit()
        d.nowMs += 300
        d.crash()
        d.answerLoads()
        d.commit()
        #expect(d.now(d.op(1, .sleep(durationMs: 500))) == ["resume #1.1 started /0"])
        d.op(1, .await(entry: 0))
        #expect(d.now(d.wait(199)) == [])
        #expect(d.now(d.wait(1)) == ["resume #1.1 ok "])
    }

    @Test func itPassesWhileTheServerIsDown() {
        d.commit()
        d.nowMs += 10_000
        d.crash()
        d.answerLoads()
        d.commit()
        d.wait(0)
        #expect(d.rows == ["timer #1/0 gone", "#1/0 sleep 500: elapsed"])
        d.op(1, .sleep(durationMs: 500))
        #expect(d.now(d.op(1, .await(entry: 0))) == ["resume #1.1 ok "])
        #expect(d.now(d.op(1, .now)) == ["resume #1.1 11000"], "at or after its due time")
    }

    /// The engine's time does not go back with the wall clock, and a moment is one of the engine's time.
    @Test func aSleepUntilAMomentEndsThenAlthoughTheClockWasSetBack() {
        d.nowMs -= 400
        d.call(.greet)
        d.op(2, .sleepUntil(1_200))
        #expect(d.rows == ["new #2/0 sleep 200", "timer #2/0 at 1200"])
        d.op(2, .await(entry: 0))
        #expect(d.now(d.wait(599)) == [])
        #expect(d.now(d.wait(1)) == ["resume #2.2 ok "])
    }

    @Test func aSleepThatNobodyWaitsForIsForgottenWithItsInvocation() {
        d.call(.greet)
        d.op(2, .sleep(durationMs: 500))
        d.returns(2)
        #expect(d.rows == ["timer #2/0 gone", "delete #2/0", "#2 completed"])
        d.commit()
        d.wait(500)
        #expect(d.now(d.answerLoads()) == [])
        #expect(d.rows == [])
    }

    @Test func aSleepBeyondTheEndOfTimeAndBeforeNow() {
        d.call(.greet)
        d.op(2, .sleep(durationMs: .max))
        #expect(d.now == ["resume #2.2 started /0"])
        d.op(2, .sleep(durationMs: -7))
        #expect(d.rows == ["new #2/1 sleep -7", "timer #2/1 at 1000"])
        d.op(2, .await(entry: 1))
        #expect(d.now(d.wait(0)) == ["resume #2.2 ok "])
    }

    @Test func manyTimersFireASliceAtATime() {
        let d = Driver { $0.sliceMax = 2 }
        for _ in 0..<5 { d.send(.greet, delayMs: 10) }
        #expect(d.now(d.wait(10)) == ["start #1.1", "start #2.2"])
        #expect(d.engine.nextTimerMs == 1_010)
        #expect(d.now(d.wait(0)) == ["start #3.3", "start #4.4"])
        #expect(d.now(d.wait(0)) == ["start #5.5"])
        #expect(d.engine.nextTimerMs == nil)
    }

    @Test func timersFireInTheOrderOfTheirDueTimes() {
        d.send(.greet, delayMs: 30)
        d.send(.greet, delayMs: 10)
        d.send(.greet, delayMs: 20)
        #expect(d.now(d.wait(100)) == ["start #3.2", "start #4.3", "start #2.4"])
    }
}

@Suite struct AwakeableTests {
    let d = Driver()
    let id: AwakeableID

    init() {
        d.call(.greet)
        d.op(1, .awakeable)
        #expect(d.rows == ["new #1/0 awakeable"])
        id = d.createdAwakeable
        #expect(id.index >= 17)
        d.op(1, .await(entry: 0))
        d.commit()
    }

    @Test func itsResultResumes() {
        #expect(d.now(d.complete(id, "x")) == ["resume #1.1 ok x"])
        #expect(d.later == ["answer c9 taken"])
        #expect(d.rows == ["#1/0 awakeable: ok x"])
    }

    @Test func itMayBeRejected() {
        d.command(.completeAwakeable(id, .failure(TerminalFailure(code: 500, message: "no"))), as: 9)
        #expect(d.now == ["resume #1.1 failure 500 no"])
    }

    @Test func theFirstResultCounts() {
        d.complete(id, "x")
        #expect(d.now(d.complete(id, "y")) == [])
        #expect(d.rows == [] && d.later == ["answer c9 taken"])
        #expect(d.now(d.op(1, .await(entry: 0))) == ["resume #1.1 ok x"])
    }

    @Test func anIndexThatNobodyWaitsForIsTakenAndForgotten() {
        let other = AwakeableID(invocation: id.invocation, index: id.index + 1)
        #expect(d.rows(d.complete(other, "x")) == [])
        #expect(d.later == ["answer c9 taken"])
        #expect(d.now(d.op(1, .awakeable)) == ["resume #1.1 awakeable /1"])
        #expect(d.createdAwakeable == other)
        d.op(1, .await(entry: 1))
        #expect(d.now == [])
    }

    @Test func anInvocationThatNeverWasIsTakenAndForgotten() {
        let other = AwakeableID(invocation: InvocationID(partitionKey: 5, uuid: 5), index: 17)
        #expect(d.loads(d.complete(other, "x")) == ["load by id #?"])
        #expect(d.later(d.answerLoads()) == ["answer c9 taken"])
    }

    @Test func aCompletedInvocationIsTakenAndForgotten() {
        d.op(1, .awakeable)
        let unheard = d.createdAwakeable
        d.complete(id, "x")
        d.returns(1)
        #expect(d.rows(d.complete(unheard, "y")) == [])
        d.commit()
        d.complete(unheard, "y")
        #expect(d.later(d.answerLoads()) == ["answer c9 taken"])
        #expect(d.rows == [])
    }

    @Test func resolvedBeforeACrash() {
        d.complete(id, "x")
        d.commit()
        d.crash()
        d.answerLoads()
        d.commit()
        d.op(1, .awakeable)
        #expect(d.createdAwakeable == id)
        #expect(d.now(d.op(1, .await(entry: 0))) == ["resume #1.1 ok x"])
    }

    @Test func resolvedAfterACrashBeforeTheHandlerWaitsAgain() {
        d.crash()
        d.complete(id, "x")
        d.answerLoads()
        d.settle()
        #expect(d.journal(1) == ["awakeable: ok x"])
        d.op(1, .awakeable)
        #expect(d.now(d.op(1, .await(entry: 0))) == ["resume #1.1 ok x"])
    }

    @Test func resolvedWhileItsInvocationBacksOffOutOfMemory() {
        d.call(.greet)
        d.op(2, .awakeable)
        let id = d.createdAwakeable
        d.ends(2, .failed("no"))
        d.commit()
        #expect(!d.isResident(2))
        d.complete(id, "x")
        #expect(d.rows(d.answerLoads()) == ["#2/0 awakeable: ok x"])
        d.commit()
        #expect(!d.isResident(2))
        d.wait(200)
        d.answerLoads()
        d.op(2, .awakeable)
        #expect(d.now(d.op(2, .await(entry: 0))) == ["resume #2.3 ok x"])
    }

    @Test func resolvedByAHandler() {
        d.call(.greet)
        d.op(2, .completeAwakeable(id, .success(b("x"))))
        #expect(d.now == ["resume #1.1 ok x", "resume #2.2 done"])
        #expect(d.rows == ["new #2/0 complete awakeable: done", "#1/0 awakeable: ok x"])
    }

    @Test func resolvedByTheHandlerThatWaits() {
        d.call(.greet)
        d.op(2, .awakeable)
        d.op(2, .completeAwakeable(d.createdAwakeable, .success(b("x"))))
        #expect(d.now == ["resume #2.2 done"])
        #expect(d.now(d.op(2, .await(entry: 0))) == ["resume #2.2 ok x"])
    }

    @Test func severalHaveIndexesInARow() {
        d.complete(id, "x")
        d.op(1, .awakeable)
        #expect(d.createdAwakeable.index == id.index + 1)
        d.commit()
        d.crash()
        d.answerLoads()
        d.commit()
        d.op(1, .awakeable)
        d.op(1, .awakeable)
        d.op(1, .awakeable)
        #expect(d.createdAwakeable.index == id.index + 2)
    }
}
