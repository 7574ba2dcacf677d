import DurableModel
import EngineCore
import Testing

/// Cancel: the handler hears of it at its wait, once, and what it called is cancelled too.
@Suite struct CancelTests {
    let d = Driver()

    @Test func theWaitThrowsAndLaterOnesWork() {
        d.call(.greet)
        d.op(1, .sleep(durationMs: 100))
        d.op(1, .await(entry: 0))
        #expect(d.now(d.steer(1, .cancel)) == ["resume #1.1 failure 409 Cancelled"])
        #expect(d.later == ["answer c8 requested"])
        #expect(d.now(d.op(1, .await(entry: 0))) == [], "the sleep itself goes on")
        #expect(d.now(d.wait(100)) == ["resume #1.1 ok "])
    }

    @Test func whoDoesNotWaitHearsOfItAtTheNextWait() {
        d.call(.greet)
        #expect(d.now(d.steer(1, .cancel)) == [])
        d.op(1, .sleep(durationMs: 100))
        #expect(d.now(d.op(1, .await(entry: 0))) == ["resume #1.1 failure 409 Cancelled"])
    }

    @Test func aResultThatCameBeforeIsHeardBefore() {
        d.call(.greet)
        d.op(1, .sleep(durationMs: 100))
        d.op(1, .sleep(durationMs: 900))
        d.wait(100)
        d.steer(1, .cancel)
        #expect(d.now(d.op(1, .await(entry: 0))) == ["resume #1.1 ok "])
        #expect(d.now(d.op(1, .await(entry: 1))) == ["resume #1.1 failure 409 Cancelled"])
    }

    @Test func replayThrowsAtTheSamePlace() {
        d.call(.greet)
        d.op(1, .sleep(durationMs: 100))
        d.op(1, .await(entry: 0))
        d.steer(1, .cancel)
        d.op(1, .now)
        d.wait(100)
        d.commit()
        d.crash()
        d.answerLoads()
        d.commit()
        d.op(1, .sleep(durationMs: 100))
        #expect(
            d.now(d.op(1, .await(entry: 0))) == ["resume #1.1 failure 409 Cancelled"], "although the sleep is over")
        #expect(d.now(d.op(1, .now)) == ["resume #1.1 1000"])
        #expect(d.now(d.op(1, .await(entry: 0))) == ["resume #1.1 ok "])
    }

    @Test func whatIsUnheardIsNotAskedForTwice() {
        d.call(.greet)
        d.steer(1, .cancel)
        d.steer(1, .cancel)
        d.op(1, .sleep(durationMs: 100))
        #expect(d.now(d.op(1, .await(entry: 0))) == ["resume #1.1 failure 409 Cancelled"])
        #expect(d.now(d.op(1, .await(entry: 0))) == [])
        #expect(d.now(d.steer(1, .cancel)) == ["resume #1.1 failure 409 Cancelled"], "this one is new")
    }

    /// A caller that waits for a callee which has left memory.
    private func callerOfAnAbsentOne() -> Driver {
        let d = Driver()
        d.call(.greet)
        d.op(1, .call(.greet, input: [], idempotencyKey: nil))
        d.op(2, .sleep(durationMs: 900_000))
        d.op(2, .await(entry: 0))
        d.op(1, .await(entry: 0))
        d.settle()
        #expect(!d.isResident(2))
        return d
    }

    @Test func aCalleeThatHadToBeLoadedHearsOfACancellationAlthoughTheProcessDied() {
        let d = callerOfAnAbsentOne()
        d.steer(1, .cancel)
        d.commit()
        d.crash()
        d.answerLoads()
        d.commit()
        d.wait(0)
        d.settle()
        #expect(d.progress(2)?.cancelRanks.count == 1)
        #expect(d.disk.timers.keys.allSatisfy { $0.slot != .cancel }, "it hears of it once")
    }

    @Test func aCalleeThatHadToBeLoadedHearsOfAKillAlthoughTheProcessDied() {
        let d = callerOfAnAbsentOne()
        d.steer(1, .kill)
        d.commit()
        d.crash()
        d.wait(0)
        d.settle()
        #expect(d.progress(2)?.outcome == .failure(TerminalFailure(code: 409, message: "killed")))
        #expect(d.disk.timers.isEmpty)
    }

    @Test func itReachesTheCallTreeAndNotWhatWasSent() {
        d.call(.greet)
        d.op(1, .call(.greet, input: [], idempotencyKey: nil))
        d.op(1, .send(.brief, input: [], delayMs: nil, idempotencyKey: nil))
        d.op(2, .sleep(durationMs: 100))
        d.op(2, .await(entry: 0))
        d.op(1, .await(entry: 0))
        #expect(
            d.now(d.steer(1, .cancel))
                == ["resume #1.1 failure 409 Cancelled", "resume #2.2 failure 409 Cancelled"])
        #expect(d.progress(3)?.cancelRanks == [])
    }

    @Test(arguments: [InvocationTarget.add("a"), .greet]) func whatHasNotBegunIsTakenBack(_ target: InvocationTarget) {
        let isQueued = target.key != nil
        if isQueued {
            d.call(target, as: 1)
            d.call(target, as: 2)
        } else {
            d.send(.brief)
            d.send(target, delayMs: 500)
            d.commit()
            d.attach(2, as: 2)
            d.settle()
        }
        d.steer(2, .cancel)
        if d.later.isEmpty { d.answerLoads() }
        #expect(d.later == ["answer c2 #2 failure 409 canceled", "answer c8 done"])
        d.commit()
        #expect(d.disk.invocations[2] == nil && d.disk.timers.isEmpty, "nothing of it is kept")
        d.attach(2, as: 3)
        #expect(d.later(d.answerLoads()) == ["answer c3 unknown"])
        if isQueued {
            d.returns(1)
            #expect(d.engine.busyLanes == 0)
        }
    }

    @Test func backingOffAndPausedOnesHearAtOnce() {
        d.call(.greet)
        d.op(1, .sleep(durationMs: 1_000))
        d.ends(1, .failed("once"))
        #expect(d.status(1) == .backingOff)
        #expect(d.now(d.steer(1, .cancel)) == ["start #1.2"])
        d.op(1, .sleep(durationMs: 1_000))
        #expect(d.now(d.op(1, .await(entry: 0))) == ["resume #1.2 failure 409 Cancelled"])
        d.ends(1, .impossible("later"))
        #expect(d.status(1) == .paused)
        #expect(d.now(d.steer(1, .cancel)) == ["start #1.3"])
        #expect(d.engine.pausedInvocations == 0)
    }

    @Test func whatHasEndedOrNeverWas() {
        d.call(.greet)
        d.returns(1)
        #expect(d.later(d.steer(1, .cancel)) == ["answer c8 conflict: the invocation has completed"])
        d.command(.steer(InvocationID(partitionKey: 1, uuid: 2), .cancel), as: 8)
        #expect(d.later(d.answerLoads()) == ["answer c8 unknown"])
    }

    @Test func aHandlerCancelsAnother() {
        d.call(.greet)
        d.call(.greet, as: 2)
        d.op(2, .sleep(durationMs: 100))
        d.op(2, .await(entry: 0))
        #expect(
            d.now(d.op(1, .cancel(d.id(2)))) == ["resume #1.1 done", "resume #2.2 failure 409 Cancelled"])
    }

    @Test func aClosureUnderWayIsRecordedAndNotDelivered() {
        d.call(.greet)
        d.op(1, .run(name: "charge", policy: nil))
        d.commit()
        d.op(1, .await(entry: 0))
        #expect(d.now(d.steer(1, .cancel)) == ["resume #1.1 failure 409 Cancelled"])
        #expect(d.now(d.runEnds(1, 0, .success(b("paid")))) == [])
        #expect(d.journal(1) == ["run charge: ok paid"])
        #expect(d.now(d.op(1, .await(entry: 0))) == ["resume #1.1 ok paid"], "a compensation can look")
    }
}

@Suite struct KillTests {
    let d = Driver()

    @Test func itEndsAtOnceWithEverythingItCalledOrSent() {
        d.call(.add("a"), as: 1)
        d.call(.add("a"), as: 2)
        d.op(1, .call(.greet, input: [], idempotencyKey: nil))
        d.op(1, .send(.brief, input: [], delayMs: 900, idempotencyKey: nil))
        d.op(1, .await(entry: 0))
        d.steer(1, .kill)
        #expect(d.now == ["end #1.1", "start #2.3", "end #3.2"])
        #expect(d.later == ["answer c1 #1 failure 409 killed", "answer c8 done"])
        d.commit()
        #expect(d.disk.invocations[1]?.progress.outcome == .failure(TerminalFailure(code: 409, message: "killed")))
        #expect(d.disk.invocations[3]?.progress.status == .completed)
        #expect(d.disk.invocations[4] == nil, "it had not begun")
    }

    @Test func aClosureThatIsUnderWayEndsUnheard() {
        d.call(.greet)
        d.op(1, .run(name: "charge", policy: nil))
        d.commit()
        d.steer(1, .kill)
        d.commit()
        #expect(d.isResident(1), "its closure is still executing")
        #expect(d.rows(d.runEnds(1, 0, .success([]))) == [])
        d.call(.greet, as: 2)
        d.commit()
        #expect(!d.isResident(1))
    }

    @Test func aKilledAttemptIsStale() {
        d.call(.greet)
        let attempt = d.attempt(1)
        d.steer(1, .kill)
        #expect(d.now(d.step(.operation(attempt, .now))) == ["resume #1.1 ended"])
        #expect(d.rows(d.step(.attemptEnded(attempt, .returned([])))) == [])
    }

    @Test(arguments: [AttemptResult.failed("once"), .impossible("no")])
    func whateverItWaitsFor(_ result: AttemptResult) {
        d.call(.greet)
        d.ends(1, result)
        d.steer(1, .kill)
        #expect(d.status(1) == .completed)
        d.commit()
        #expect(d.disk.timers.isEmpty && d.engine.pausedInvocations == 0)
    }
}

@Suite struct PauseAndResumeTests {
    let d = Driver()

    @Test func aRunningOneStopsAndGoesOn() {
        d.call(.greet)
        d.op(1, .sleep(durationMs: 100))
        d.op(1, .await(entry: 0))
        #expect(d.later(d.steer(1, .pause)) == ["answer c8 requested"])
        #expect(d.now == ["end #1.1"])
        #expect(d.later(d.steer(1, .pause)) == ["answer c8 done"])
        #expect(d.now(d.wait(100)) == [], "what it waited for is recorded")
        #expect(d.later(d.steer(1, .resume)) == ["answer c8 done"])
        #expect(d.now == ["start #1.2"])
        d.op(1, .sleep(durationMs: 100))
        #expect(d.now(d.op(1, .await(entry: 0))) == ["resume #1.2 ok "])
    }

    @Test func whatHasNotBegunOrHasEnded() {
        d.call(.add("a"))
        d.call(.add("a"), as: 2)
        #expect(d.later(d.steer(2, .pause)) == ["answer c8 conflict: the invocation has not begun"])
        #expect(d.later(d.steer(2, .resume)) == ["answer c8 too early: the invocation has not begun"])
        d.returns(1)
        #expect(d.later(d.steer(1, .pause)) == ["answer c8 conflict: the invocation has completed"])
        #expect(d.later(d.steer(1, .resume)) == ["answer c8 conflict: the invocation has completed"])
    }

    @Test func aBackingOffOneIsRetriedNow() {
        d.call(.greet)
        d.ends(1, .failed("once"))
        #expect(d.now(d.steer(1, .resume)) == ["start #1.2"])
        #expect(d.truth.timers.isEmpty)
    }

    @Test func aStepThatBacksOffIsRetriedNow() {
        d.call(.greet)
        d.op(1, .run(name: "r", policy: nil))
        d.commit()
        d.op(1, .await(entry: 0))
        d.runEnds(1, 0, .failed("once"))
        #expect(d.later(d.steer(1, .resume)) == ["run #1/0 try 2", "answer c8 done"])
        #expect(d.truth.timers.isEmpty)
    }

    @Test func anExhaustedStepBeginsAnew() {
        d.call(.impatient)
        d.op(1, .run(name: "r", policy: nil))
        d.commit()
        d.op(1, .await(entry: 0))
        d.runEnds(1, 0, .failed("down"))
        #expect(d.status(1) == .paused)
        #expect(d.now(d.steer(1, .resume)) == ["start #1.2"])
        #expect(d.later(d.op(1, .run(name: "r", policy: nil))) == ["run #1/0 try 1"])
    }

    @Test func aMismatchGoesOnWhenTheCodeFits() {
        d.call(.greet)
        d.op(1, .now)
        d.ends(1, .failed("once"))
        d.wait(1_000)
        d.op(1, .getState("x"))
        #expect(d.progress(1)?.lastFailure?.contains("570") == true)
        d.steer(1, .resume)
        #expect(d.now(d.op(1, .now)) == ["resume #1.3 1000"])
    }
}

@Suite struct PurgeAndRestartTests {
    let d = Driver()

    private func completed(_ target: InvocationTarget, key: String? = nil) {
        d.call(target, "in", key: key)
        if key != nil { d.answerLoads() }
        d.op(1, .now)
        d.op(1, .sleep(durationMs: 10))
        d.returns(1, "out")
        d.commit()
    }

    @Test func aPurgedOneIsUnknownAtOnceAndItsKeyIsFree() {
        completed(.greet, key: "k")
        d.steer(1, .purge)
        if d.later.isEmpty { d.answerLoads() }
        #expect(d.later == ["answer c8 done"])
        #expect(d.later(d.attach(1, as: 2)) == ["answer c2 unknown"])
        #expect(d.now(d.call(.greet, as: 3, key: "k")) == ["start #2.2"])
        d.settle()
        #expect(d.disk.invocations.count == 1)
    }

    @Test func aLongJournalGoesInOneTurn() {
        let d = Driver { $0.packedJournalEntriesMax = 2 }
        d.call(.greet)
        for _ in 0..<5 { d.op(1, .now) }
        d.returns(1)
        d.commit()
        #expect(d.disk.journal[1]?.count == 5)
        d.steer(1, .purge)
        d.settle()
        #expect(d.disk.journal.isEmpty && d.disk.invocations.isEmpty)
    }

    @Test func theJournalAlone() {
        completed(.greet)
        d.steer(1, .purgeJournal)
        d.settle()
        #expect(d.disk.invocations[1]?.progress.packedJournal == nil)
        #expect(d.disk.invocations[1]?.progress.outcome == .success(b("out")))
        d.steer(1, .restartAsNew(keptEntries: 1))
        if d.later.isEmpty { d.answerLoads() }
        #expect(d.later == ["answer c8 gone: the journal of the invocation has been purged"])
    }

    @Test func whatLivesIsNotPurged() {
        d.call(.greet)
        #expect(d.later(d.steer(1, .purge)) == ["answer c8 conflict: the invocation has not completed"])
        #expect(d.later(d.steer(1, .purgeJournal)) == ["answer c8 conflict: the invocation has not completed"])
    }

    @Test func restartedFromItsInput() {
        completed(.greet, key: "k")
        d.steer(1, .restartAsNew(keptEntries: 0))
        if d.later.isEmpty { d.answerLoads() }
        #expect(d.later == ["answer c8 restarted #2"])
        #expect(d.now == ["start #2.2"])
        let (old, new) = (d.truth.invocations[1]?.acceptance, d.truth.invocations[2]?.acceptance)
        #expect(new?.input == b("in") && new?.idempotencyKey == nil && new?.isPromised == false)
        #expect(new?.id.partitionKey == old?.id.partitionKey && new?.id != old?.id && new?.seed != old?.seed)
    }

    @Test func restartedWithTheBeginningOfItsJournal() {
        completed(.greet)
        d.steer(1, .restartAsNew(keptEntries: 1))
        if d.later.isEmpty { d.answerLoads() }
        #expect(d.journal(2) == ["now: 1000"])
        #expect(d.truth.invocations[2]?.acceptance.seed == d.truth.invocations[1]?.acceptance.seed)
        #expect(d.now(d.op(2, .now)) == ["resume #2.2 1000"])
        d.steer(1, .restartAsNew(keptEntries: 2))
        #expect(d.later == ["answer c8 invalid: journal entry 1 has no result to keep"])
        d.steer(1, .restartAsNew(keptEntries: 3))
        #expect(d.later == ["answer c8 invalid: the journal has 2 entries"])
    }

    @Test func whatCannotBeRestarted() {
        d.call(.add("a"))
        d.call(.add("a"), as: 2)
        #expect(d.later(d.steer(1, .restartAsNew(keptEntries: 0))) == ["answer c8 conflict: the invocation has not completed"])
        #expect(d.later(d.steer(2, .restartAsNew(keptEntries: 0))) == ["answer c8 too early: the invocation has not begun"])
        d.call(.signup("x"), as: 3)
        d.answerLoads()
        d.returns(3)
        d.steer(3, .restartAsNew(keptEntries: 0))
        #expect(d.later == ["answer c8 unsupported: a workflow runs once: it cannot be restarted as new"])
    }
}
