import DurableModel
import EngineCore
import Testing

/// How a handler that kills the process is found out, and what others notice of it.
@Suite struct QuarantineTests {
    let d = Driver()

    func strikes(_ serial: InvocationSerial) -> Int? { d.progress(serial)?.strikes }

    /// The process dies; afterwards everything that the new one wants to begin has begun.
    func crash(byTrap: Bool = false) {
        d.crash(byTrap: byTrap)
        d.settle()
    }

    @Test func afterAnOrderlyStopNobodyIsSuspected() {
        d.call(.greet)
        d.restart()
        #expect(d.now(d.answerLoads()) == ["start #1.1"])
        #expect(d.later == [] && strikes(1) == 0)
    }

    @Test func afterAnUncleanStopTheStrikeIsDurableBeforeTheAttemptStarts() {
        d.call(.greet)
        d.commit()
        d.crash()
        #expect(d.now(d.answerLoads()) == [])
        #expect(d.later == ["start #1.1"] && strikes(1) == 1)
        #expect(d.commit() == ["start #1.1"])
        #expect(d.disk.invocations[1]?.progress.strikes == 1)
    }

    @Test func aStrikeThatWasNotWrittenDoesNotCount() {
        d.call(.greet)
        d.commit()
        for _ in 0..<5 {
            d.crash()
            d.answerLoads()
        }
        #expect(strikes(1) == 1, "it was never started, so it is none of its doing")
    }

    @Test func passingTheLastJournaledPositionClearsIt() {
        d.call(.greet)
        d.op(1, .now)
        d.commit()
        crash()
        d.op(1, .now)
        #expect(strikes(1) == 1, "replayed: it has been here before")
        d.op(1, .now)
        #expect(strikes(1) == 0)
    }

    @Test func waitingClearsIt() {
        d.call(.greet)
        d.op(1, .run(name: "r", policy: nil))
        d.commit()
        crash()
        d.op(1, .run(name: "r", policy: nil))
        d.op(1, .await(entry: 0))
        #expect(strikes(1) == 0, "a kill from outside says nothing against the closure")
    }

    @Test func afterATrapWaitingForAClosureDoesNotClearIt() {
        d.call(.greet)
        d.op(1, .awakeable)
        d.call(.greet)
        d.op(2, .run(name: "r", policy: nil))
        d.commit()
        crash(byTrap: true)
        d.op(1, .awakeable)
        d.op(1, .await(entry: 0))
        #expect(strikes(1) == 0)
        d.op(2, .run(name: "r", policy: nil))
        d.op(2, .await(entry: 0))
        #expect(strikes(2) == 1, "the closure may be what kills the process")
        d.commit()
        d.runEnds(2, 0, .success([]))
        d.op(2, .now)
        #expect(strikes(2) == 0)
    }

    @Test func failingAndEndingClearIt() {
        d.call(.greet)
        d.call(.greet)
        d.commit()
        crash()
        d.ends(1, .failed("no"))
        d.returns(2)
        #expect(strikes(1) == 0 && strikes(2) == 0)
    }

    @Test func whoMayHaveStartedUnrecordedIsSuspectedForAMinute() {
        d.call(.add("a"))
        d.call(.add("a"), as: 2)
        d.call(.add("a"), as: 3)
        d.commit()
        crash()
        d.returns(1)
        #expect(d.later(d.answerLoads()) == ["start #2.2"] && strikes(2) == 1)
        d.commit()
        #expect(d.now(d.call(.add("b"))) == ["start #100001.3"], "accepted since: it was not there")
        d.nowMs += 60_001
        d.returns(2)
        #expect(d.now(d.answerLoads()) == ["start #3.4"] && strikes(3) == 0)
    }

    @Test func aSuspectIsPausedWhenItsTurnComesForTheThirdTime() {
        d.call(.greet)
        d.ends(1, .failed("no"))
        d.commit()
        for round in 1...3 {
            crash()
            d.wait(200)
            d.settle()
            #expect(strikes(1) == round)
        }
        #expect(d.status(1) == .paused && d.truth.timers.isEmpty)
    }

    @Test func threeStrikesPause() {
        d.call(.greet)
        d.commit()
        crash()
        crash()
        #expect(strikes(1) == 2 && d.status(1) == .running)
        d.crash()
        d.answerLoads()
        #expect(d.status(1) == .paused && d.now == [] && d.later == [])
        #expect(
            d.events == [
                "paused #1: the server stopped uncleanly 3 times while this invocation was at its last journaled "
                    + "position; it is not resumed by itself"
            ])
        d.commit()
        d.crash()
        #expect(d.loads == [] && d.status(1) == .paused)
    }

    @Test func theSecondStrikeIsReported() {
        d.call(.greet)
        d.commit()
        crash()
        d.crash()
        d.answerLoads()
        #expect(d.events == ["resumed alone #1 strikes 2"])
    }

    @Test func aPausedCulpritKeepsItsLane() {
        d.call(.add("a"))
        d.call(.add("a"), as: 2)
        d.commit()
        for _ in 0..<3 { crash() }
        #expect(d.status(1) == .paused && d.status(2) == .pending)
    }

    @Test func afterOneUncleanStopAllAreResumedTogether() {
        for _ in 0..<3 { d.call(.greet) }
        d.commit()
        d.crash()
        #expect(d.loads == ["load #1", "load #2", "load #3"])
    }

    @Test func afterTwoUncleanStopsOneAfterTheOther() {
        for _ in 0..<4 { d.call(.greet) }
        d.commit()
        crash()
        d.nowMs += 60_000
        d.crash()
        #expect(d.loads == ["load #1"])
        #expect(d.later(d.answerLoads()) == ["start #1.1"])
        #expect(d.commit() == ["start #1.1"])
        #expect(d.now(d.call(.greet)).count == 1, "new ones need not wait")
        d.returns(1)
        #expect(d.loads == ["load #2"], "#1 has ended")
        d.answerLoads()
        d.commit()
        d.op(2, .now)
        #expect(d.loads == ["load #3"], "#2 has gone on")
        d.answerLoads()
        d.commit()
        d.ends(3, .failed("no"))
        #expect(d.loads == ["load #4"], "#3 backs off")
    }

    @Test func thoseWithFewerStrikesGoFirst() {
        for _ in 0..<3 { d.call(.greet) }
        d.commit()
        crash()
        d.op(2, .now)
        d.commit()
        d.crash()
        #expect(d.loads == ["load #2"])
    }

    @Test func whoNeitherEndsNorRestsHoldsUpTheOthersForAWhileOnly() {
        for _ in 0..<2 { d.call(.greet) }
        d.commit()
        crash()
        d.crash()
        d.answerLoads()
        d.commit()
        d.nowMs += 1_999
        d.sweep()
        #expect(!d.loads.contains("load #2"))
        d.nowMs += 1
        d.sweep()
        #expect(d.loads.contains("load #2"))
    }

    @Test func theInnocentAreNotPausedWithTheCulprit() {
        d.call(.greet)
        d.call(.greet)
        d.call(.greet)
        d.commit()
        crash()
        crash()
        #expect(strikes(1) == 2 && strikes(2) == 1 && strikes(3) == 1, "#1 kills the process alone")
        crash()
        #expect(strikes(2) == 2, "whoever is less suspect goes first")
        d.op(2, .now)
        d.settle()
        d.op(3, .now)
        d.settle()
        #expect(d.status(1) == .paused && d.engine.pausedInvocations == 1)
        #expect(strikes(2) == 0 && strikes(3) == 0)
    }

    @Test func uncleanStopsFarApartAreEachTheFirst() {
        for _ in 0..<2 { d.call(.greet) }
        d.commit()
        crash()
        d.nowMs += 60_001
        d.crash()
        #expect(d.loads == ["load #1", "load #2"])
    }

    @Test func anOrderlyStopEndsTheSeries() {
        for _ in 0..<2 { d.call(.greet) }
        d.commit()
        crash()
        d.restart()
        d.settle()
        d.crash()
        #expect(d.loads == ["load #1", "load #2"])
    }

    @Test func aChildMayEndWhileItsParentWaitsToBeResumed() {
        d.call(.greet)
        d.op(1, .call(.greet, input: [], idempotencyKey: nil))
        d.commit()
        crash()
        d.op(2, .now)
        d.commit()
        d.crash()
        #expect(d.loads == ["load #2"], "#1 has a strike")
        d.settle()
        d.op(2, .now)
        d.returns(2, "x")
        #expect(d.loads == ["load #1"] && d.rows == [])
        d.answerLoads()
        #expect(d.rows == ["delete #2/0", "#1/0 call greet: ok x", "#2 completed", "#1 running"])
        #expect(d.later == ["start #1.2"], "#1's turn has come")
        d.commit()
        d.op(1, .call(.greet, input: [], idempotencyKey: nil))
        #expect(d.now(d.op(1, .await(entry: 0))) == ["resume #1.2 ok x"])
    }
}

/// What a restart must not undo.
@Suite struct RecoveryTests {
    let d = Driver()

    @Test func theClockNeverGoesBack() {
        d.call(.greet)
        d.nowMs = 5_000
        #expect(d.now(d.op(1, .now)) == ["resume #1.1 5000"])
        d.nowMs = 100
        #expect(d.now(d.op(1, .now)) == ["resume #1.1 5000"])
        d.commit()
        d.crash()
        #expect(d.rows == ["recentUncleanStops = 1", "lastUncleanStartMs = 5000", "isOpen = 1"])
        d.settle()
        d.op(1, .now)
        d.op(1, .now)
        #expect(d.now(d.op(1, .now)) == ["resume #1.1 5000"])
        #expect(d.later(d.send(.greet, delayMs: 10)).last?.hasSuffix("at 5010") == true)
    }

    @Test func serialsAreNeverUsedAgain() {
        var seen: Set<InvocationSerial> = []
        for round in 0..<4 {
            for _ in 0..<3 { d.call(.greet) }
            d.commit()
            d.call(.greet)
            let serials = Set(d.truth.invocations.keys).subtracting(seen)
            #expect(serials.count == 4 && serials.allSatisfy { $0 > seen.max() ?? 0 }, "round \(round)")
            seen.formUnion(serials)
            if round.isMultiple(of: 2) { d.crash() } else { d.restart() }
            d.settle()
        }
    }

    @Test func anOrderlyStopIsWrittenDown() {
        #expect(d.rows(d.step(.stopping)) == ["isOpen = 0"])
        d.commit()
        d.crash()
        #expect(d.rows == ["recentUncleanStops = 0", "isOpen = 1"])
    }

    @Test func whatRunsBacksOffSleepsOrWaitsGoesOn() {
        d.call(.add("a"), as: 1)
        d.call(.add("a"), as: 2)
        d.send(.greet, delayMs: 500, as: 3)
        d.call(.greet, as: 4)
        d.ends(4, .failed("no"))
        d.call(.greet, as: 5)
        d.returns(5, "done")
        d.commit()
        d.restart()
        #expect(d.loads == ["load #1"])
        d.settle()
        d.wait(200)
        #expect(d.now(d.answerLoads()) == ["start #4.2"])
        d.wait(300)
        #expect(d.now(d.answerLoads()) == ["start #3.3"])
        d.returns(1)
        #expect(d.now(d.answerLoads()) == ["start #2.4"])
        d.output(5, as: 6)
        #expect(d.later(d.answerLoads()) == ["answer c6 #5 stored ok done"])
    }

    @Test func aTurnThatWasNotWrittenNeverWas() {
        d.call(.greet, key: "k")
        d.answerLoads()
        d.op(1, .now)
        d.crash()
        #expect(d.loads == [] && d.truth.invocations.isEmpty)
        d.call(.greet, as: 2, key: "k")
        #expect(d.now(d.answerLoads()).count == 1)
        #expect(d.journal(1) == [])
    }
}
