import DurableModel
import Testing

@testable import EngineCore

/// What is in memory, and what a late answer of the disk may not do.
@Suite struct ResidencyTests {
    let d = Driver()

    /// #1 backs off and has left memory.
    func backOffOutOfMemory() {
        d.call(.greet)
        d.ends(1, .failed("no"))
        d.commit()
        #expect(!d.isResident(1))
    }

    @Test func whatIsNotDurableStays() {
        d.call(.greet)
        d.returns(1)
        d.commit(1)
        #expect(d.isResident(1), "its completion is not on disk")
        d.commit()
        #expect(!d.isResident(1))
    }

    @Test func whatChangedSinceStays() {
        d.call(.greet)
        d.op(1, .awakeable)
        let id = d.createdAwakeable
        d.ends(1, .failed("no"))
        d.complete(id, "x")
        d.commit(3)
        #expect(d.isResident(1), "its awakeable's result is not on disk")
        d.commit()
        d.send(.greet)
        d.commit()
        #expect(!d.isResident(1))
    }

    @Test func whoRunsStays() {
        d.call(.greet)
        d.op(1, .awakeable)
        d.op(1, .await(entry: 0))
        d.commit()
        d.commit()
        #expect(d.isResident(1))
    }

    @Test func aStepThatNeedsALoadDoesNothingElse() {
        backOffOutOfMemory()
        for turn in [d.attach(1), d.output(1, as: 2)] {
            #expect(turn.mutations.isEmpty && turn.internalEffects.isEmpty && turn.externalEffects.isEmpty)
        }
        #expect(d.outstanding.count == 1, "one load serves both")
    }

    @Test func aLoadForWhatIsInMemoryMeanwhileIsDiscarded() {
        backOffOutOfMemory()
        d.attach(1, as: 7)
        d.readLoad()
        d.wait(200)
        #expect(d.loads == ["load #1"])
        #expect(d.now(d.answerLoad(at: 1)) == ["start #1.2"])
        d.op(1, .now)
        #expect(d.later(d.answerLoad()) == [])
        #expect(d.status(1) == .running && d.journal(1) == ["now: 1200"])
        #expect(d.later(d.returns(1, "x")) == ["answer c1 #1 ok x", "answer c7 #1 ok x"])
    }

    @Test func aReadThatBeganBeforeTheLastCommitIsReadAgain() {
        backOffOutOfMemory()
        d.attach(1, as: 7)
        d.readLoad()
        d.wait(200)
        d.answerLoad(at: 1)
        d.returns(1, "x")
        d.commit()
        #expect(!d.isResident(1))
        #expect(d.later(d.answerLoad()) == [])
        #expect(d.loads == ["load by id #1"], "the answer was from before #1 completed")
        #expect(d.later(d.answerLoads()) == ["answer c7 #1 stored ok x"])
    }

    @Test func anAnswerThatNobodyAskedForIsIgnored() {
        #expect(d.rows(d.step(.loaded(.invocation(7), .invocation(nil)))) == [])
        #expect(d.rows(d.step(.loaded(.object(ObjectID(service: "Counter", key: "a")), .object(LoadedObject())))) == [])
    }

    @Test func whatCannotBeReadIsRefused() {
        backOffOutOfMemory()
        d.attach(1, as: 7)
        #expect(d.later(d.answerLoad(with: .undecodable(1, reason: "garbled"))) == ["answer c7 refused 503"])
        #expect(d.events == ["unreadable #1: garbled"])
    }

    @Test func whatCannotBeReadKeepsNothingElseInMemory() {
        d.call(.greet, as: 1)
        d.call(.greet, as: 2)
        for parent: InvocationSerial in [1, 2] {
            d.op(parent, .call(.add("a"), input: [], idempotencyKey: "k"))
            if !d.outstanding.isEmpty { d.answerLoads() }
        }
        d.ends(1, .failed("no"))
        d.ends(2, .failed("no"))
        d.commit()
        d.returns(3)
        d.answerLoads()
        #expect(d.loads == ["load #2"])
        d.answerLoad(with: .undecodable(2, reason: "garbled"))
        d.send(.greet)
        d.commit()
        #expect(!d.isResident(1))
    }

    @Test func idleObjectsLeaveMemoryWhenThereAreMany() {
        let d = Driver { $0.idleObjectsMax = 1 }
        for (serial, key) in [(1, "a"), (2, "b"), (3, "c")] as [(InvocationSerial, String)] {
            d.call(.add(key))
            d.op(serial, .setState("n", b(key)))
            d.answerLoads()
        }
        d.commit()
        #expect(d.engine.objects.count == 3, "their lanes are busy")
        for serial: InvocationSerial in [1, 2, 3] { d.returns(serial) }
        d.commit()
        #expect(d.engine.objects.count == 1)
        d.call(.add("a"))
        d.op(4, .getState("n"))
        #expect(d.now(d.answerLoads()) == ["resume #4.4 a"])
    }

    @Test func stateThatIsNotDurableStaysInMemory() {
        let d = Driver { $0.idleObjectsMax = 0 }
        d.call(.get("a"))
        d.call(.get("a"))
        d.op(1, .getState("n"))
        d.answerLoads()
        d.commit()
        #expect(d.engine.objects.isEmpty)
        d.call(.add("a"))
        d.op(3, .setState("n", b("1")))
        d.answerLoads()
        d.returns(3)
        d.commit(1)
        #expect(d.engine.objects.count == 1)
        #expect(d.now(d.op(2, .getState("n"))) == ["resume #2.2 1"])
    }
}

/// Deterministic ids come back after a purge; what belonged to the old invocation must not hit the new one.
@Suite struct ReturningIDTests {
    let d = Driver()

    /// #1 has completed, its retention has passed, and the turn that deletes it has been taken.
    init() {
        d.call(.brief, key: "k")
        d.answerLoads()
        d.op(1, .awakeable)
        d.returns(1, "old")
        d.commit()
        d.wait(100)
    }

    func purge() {
        d.sweep()
        d.answerLoads()
        d.answerLoads()
        #expect(d.rows == ["delete #1"])
    }

    @Test func beforeTheDeletionIsDurable() {
        purge()
        #expect(d.now(d.call(.brief, as: 2, key: "k")) == ["start #2.2"], "known to be gone: no load")
        #expect(d.later(d.returns(2, "new")) == ["answer c2 #2 ok new"])
        d.commit()
        #expect(d.disk.invocations.keys.map(\.rawValue) == [2])
        d.call(.brief, as: 3, key: "k")
        #expect(d.later(d.answerLoads()) == ["answer c3 #2 stored ok new"])
    }

    @Test func afterTheDeletionIsDurable() {
        purge()
        d.commit()
        d.call(.brief, as: 2, key: "k")
        #expect(d.now(d.answerLoads()) == ["start #2.2"])
    }

    @Test func aReadFromBeforeTheDeletionAnsweredBeforeItIsDurable() {
        d.call(.brief, as: 2, key: "k")
        d.readLoad()
        d.sweep()
        d.answerLoad(at: 1)
        d.answerLoad(at: 1)
        #expect(d.rows == ["delete #1"])
        #expect(d.now(d.answerLoad()) == ["start #2.2"])
    }

    @Test func aReadFromBeforeTheDeletionAnsweredAfterItIsDurable() {
        d.call(.brief, as: 2, key: "k")
        d.readLoad()
        d.sweep()
        d.answerLoad(at: 1)
        d.answerLoad(at: 1)
        d.commit()
        d.answerLoad()
        #expect(d.loads == ["load by id #1"], "read again")
        #expect(d.now(d.answerLoads()) == ["start #2.2"])
    }

    @Test func theNewOneIsNotPurgedForTheOldOnesAge() {
        purge()
        d.call(.brief, as: 2, key: "k")
        d.returns(2, "new")
        d.sweep()
        #expect(d.loads == [], "one slice at a time")
        d.commit()
        d.sweep()
        d.answerLoads()
        #expect(d.status(2) == .completed && d.rows == [])
    }

    @Test func oldAwakeablesFitNothingNew() {
        let old = AwakeableID(invocation: d.id(1), index: 17)
        purge()
        d.call(.brief, as: 2, key: "k")
        d.op(2, .awakeable)
        #expect(d.createdAwakeable.invocation == old.invocation)
        let index = d.createdAwakeable.index
        for candidate: UInt32 in 17..<40 where candidate != index {
            #expect(d.rows(d.complete(AwakeableID(invocation: old.invocation, index: candidate), "x")) == [])
        }
    }

    @Test func aPurgedOneNamedTwiceIsPurgedOnce() {
        let d = Driver { $0.retainedUnpromisedMax = 0 }
        d.call(.brief)
        d.returns(1)
        d.commit()
        d.wait(100)
        d.sweep()
        #expect(d.loads == ["load expired", "load 1 oldest unpromised"])
        d.readLoad(at: 1)
        d.answerLoad()
        #expect(d.rows == ["delete #1"])
        d.commit()
        d.answerLoad()
        #expect(d.rows == [] && d.loads == ["load 1 oldest unpromised"], "it was named by both questions")
        d.settle()
        #expect(!d.isResident(1) && d.engine.retainedUnpromised == 0)
    }
}
