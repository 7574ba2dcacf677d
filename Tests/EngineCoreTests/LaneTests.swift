import DurableModel
import EngineCore
import Testing

/// One line per key, and who is in it.
@Suite struct LaneTests {
    let d = Driver()

    @Test func oneAtATimeInOrder() {
        #expect(d.now(d.call(.add("a"), as: 1)) == ["start #1.1"])
        #expect(d.now(d.call(.add("a"), as: 2)) == [])
        #expect(d.rows == ["new #2 pending"])
        #expect(d.now(d.send(.add("a"), as: 3)) == [])
        #expect(d.now(d.returns(1)) == ["start #2.2"])
        #expect(d.rows == ["#1 completed", "#2 running"])
        #expect(d.now(d.returns(2)) == ["start #3.3"])
        #expect(d.now(d.returns(3)) == [])
        #expect(d.engine.busyLanes == 0)
    }

    @Test func otherKeysAndSharedHandlersDoNotQueue() {
        d.call(.add("a"))
        #expect(d.now(d.call(.add("b"))) == ["start #2.2"])
        #expect(d.now(d.call(.get("a"))) == ["start #3.3"])
        #expect(d.now(d.call(.get("a"))) == ["start #4.4"])
    }

    @Test func theOwnerKeepsTheLaneWhileItSleepsWaitsOrBacksOff() {
        d.call(.add("a"), as: 1)
        d.call(.add("a"), as: 2)
        d.op(1, .sleep(durationMs: 100))
        #expect(d.now(d.op(1, .await(entry: 0))) == [])
        #expect(d.now(d.wait(100)) == ["resume #1.1 ok "])
        #expect(d.now(d.ends(1, .failed("no"))) == [])
        #expect(d.status(1) == .backingOff)
        #expect(d.now(d.wait(200)) == ["start #1.2"])
        #expect(d.now(d.ends(1, .impossible("never"))) == ["end #1.2"])
        #expect(d.status(2) == .pending, "a paused owner keeps its lane")
    }

    @Test func aCrashKeepsTheOrder() {
        for caller: UInt64 in 1...3 { d.call(.add("a"), as: caller) }
        d.commit()
        d.crash()
        #expect(d.loads == ["load #1"])
        #expect(d.later(d.answerLoads()) == ["start #1.1"])
        d.call(.add("a"), as: 4)
        #expect(d.rows == ["serialCeiling = 200001", "new #100001 pending"])
        d.settle()
        d.returns(1)
        #expect(d.loads == ["load #2"])
        #expect(d.later(d.answerLoads()) == ["start #2.2"])
        d.settle()
        d.returns(2)
        #expect(d.later(d.answerLoads()) == ["start #3.3"])
        d.settle()
        #expect(d.now(d.returns(3)) == ["start #100001.4"])
    }

    @Test func aCrashBetweenReleaseAndAdmissionAdmitsTheNext() {
        let d = Driver { $0.residentLaneDepthMax = 0 }
        d.call(.add("a"))
        d.call(.add("a"))
        d.commit()
        #expect(!d.isResident(2))
        d.returns(1)
        #expect(d.loads == ["load #2"])
        d.commit()
        #expect(d.status(2) == .pending)
        d.crash()
        #expect(d.loads == ["load #2"])
        #expect(d.later(d.answerLoads()) == ["start #2.1"], "it may have run, and ended the process, unrecorded")
        #expect(d.progress(2)?.strikes == 1)
    }

    @Test func aPausedOwnerKeepsItsLaneOverARestart() {
        d.call(.add("a"))
        d.ends(1, .impossible("no"))
        d.call(.add("a"))
        d.commit()
        d.crash()
        #expect(d.loads == [])
        #expect(d.engine.pausedInvocations == 1)
        #expect(d.now(d.call(.add("a"))) == [])
        #expect(d.status(2) == .pending)
    }

    @Test func whoWaitsFarBehindLeavesMemoryAndComesBackWhenItsTurnHasCome() {
        let d = Driver { $0.residentLaneDepthMax = 2 }
        for caller: UInt64 in 1...6 { d.call(.add("a"), as: caller) }
        d.commit()
        #expect((1...6).map { d.isResident(InvocationSerial($0)) } == [true, true, true, false, false, false])
        d.returns(1)
        d.returns(2)
        #expect(d.now(d.returns(3)) == [])
        #expect(d.loads == ["load #4"])
        d.call(.add("a"), as: 7)
        #expect(d.now == [], "the lane is #4's although it is not in memory yet")
        #expect(d.now(d.answerLoads()) == ["start #4.4"])
        d.returns(4)
        d.answerLoads()
        #expect(d.later(d.returns(5, "x")) == ["answer c5 #5 ok x"])
    }

    @Test func twoHandlersOfOneKeyShareALaneAndTwoServicesDoNot() {
        d.call(.add("w"))
        d.call(.signup("w"))
        #expect(d.now(d.answerLoads()) == ["start #2.2"])
    }
}
