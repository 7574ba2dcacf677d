import DurableModel
import EngineCore
import Testing

/// From a request to its answer.
@Suite struct AcceptTests {
    let d = Driver()

    @Test func aCallRunsAtOnceAndIsAnsweredOnceDurable() {
        #expect(d.now(d.call(.greet)) == ["start #1.1"])
        #expect(d.rows == ["serialCeiling = 100001", "new #1 running"])
        #expect(d.commit() == [])
        #expect(d.later(d.returns(1, "hi")) == ["answer c1 #1 ok hi"])
        #expect(d.rows == ["#1 completed"])
        #expect(d.commit() == ["answer c1 #1 ok hi"])
    }

    @Test func aTerminalErrorIsTheResult() {
        d.call(.greet)
        let failure = TerminalFailure(code: 418, message: "teapot")
        #expect(d.later(d.ends(1, .terminal(failure))) == ["answer c1 #1 failure 418 teapot"])
        #expect(d.progress(1)?.outcome == .failure(failure))
    }

    @Test func aSendIsAnsweredOnAcceptance() {
        #expect(d.now(d.send(.greet)) == ["start #1.1"])
        #expect(d.later == ["answer c1 accepted #1"])
        #expect(d.later(d.returns(1, "hi")) == [])
        #expect(d.commit() == ["answer c1 accepted #1"])
    }

    @Test func aDelayedSendStartsWhenItIsDue() {
        d.send(.greet, delayMs: 500)
        #expect(d.now == [])
        #expect(d.later == ["answer c1 accepted #1 at 1500"])
        #expect(d.rows == ["serialCeiling = 100001", "timer #1 start at 1500", "new #1 scheduled"])
        d.commit()
        #expect(!d.isResident(1))
        #expect(d.now(d.wait(499)) == [])
        d.wait(1)
        #expect(d.loads == ["load #1"])
        #expect(d.now(d.answerLoads()) == ["start #1.1"])
        #expect(d.rows == ["timer #1 start gone", "#1 running"])
    }

    @Test func aDelayOfZeroIsScheduledForNow() {
        #expect(d.now(d.send(.greet, delayMs: 0)) == ["start #1.1"])
        #expect(d.later == ["answer c1 accepted #1 at 1000"])
    }

    @Test func aDelayBeyondTheEndOfTimeIsTheEndOfTime() {
        #expect(d.later(d.send(.greet, delayMs: .max)) == ["answer c1 accepted #1 at \(Int64.max)"])
        #expect(d.status(1) == .scheduled)
    }

    @Test func aDelayedSendForABusyKeyQueuesWhenItIsDue() {
        d.call(.add("a"), as: 1)
        d.send(.add("a"), delayMs: 100, as: 2)
        d.call(.add("a"), as: 3)
        d.wait(100)
        #expect(d.rows == ["timer #2 start gone", "#2 pending"])
        #expect(d.now(d.returns(1)) == ["start #3.2"])
        #expect(d.now(d.returns(3)) == ["start #2.3"])
    }

    @Test func anUnknownHandlerIsUnknown() {
        #expect(d.later(d.call(.nowhere)) == ["answer c1 unknown"])
        #expect(d.rows == [])
    }

    @Test func attachAndOutputInEveryState() {
        d.call(.add("a"), as: 1)
        d.send(.add("a"), delayMs: 100, as: 2)
        d.call(.add("a"), as: 3)
        for serial: InvocationSerial in [1, 2, 3] {
            #expect(d.later(d.output(serial, as: 4)) == ["answer c4 #\(serial.rawValue) not completed"])
            #expect(d.later(d.attach(serial, as: 5)) == [])
        }
        #expect(d.later(d.returns(1, "x")) == ["answer c1 #1 ok x", "answer c5 #1 ok x"])
        #expect(d.later(d.output(1, as: 6)) == ["answer c6 #1 stored ok x"])
        #expect(d.later(d.attach(1, as: 6)) == ["answer c6 #1 stored ok x"])
        d.commit()
        #expect(!d.isResident(1))
        #expect(d.later(d.attach(1, as: 7)) == [])
        #expect(d.loads == ["load by id #1"])
        #expect(d.later(d.answerLoads()) == ["answer c7 #1 stored ok x"])
        d.output(1, as: 8)
        #expect(d.later(d.lastTurn) == ["answer c8 #1 stored ok x"])
    }

    @Test func attachAndOutputOfWhatNeverWas() {
        let unknown = InvocationID(partitionKey: 7, uuid: 7)
        d.command(.attach(unknown), as: 1)
        d.command(.output(unknown), as: 2)
        #expect(d.outstanding.count == 1, "both wait for one load")
        #expect(d.later(d.answerLoads()) == ["answer c1 unknown", "answer c2 unknown"])
    }

    @Test func attachAndOutputOfBackingOffAndPaused() {
        d.call(.greet)
        d.ends(1, .failed("no"))
        #expect(d.later(d.output(1, as: 2)) == ["answer c2 #1 not completed"])
        d.attach(1, as: 3)
        d.wait(200)
        d.ends(1, .impossible("no"))
        #expect(d.status(1) == .paused)
        #expect(d.later(d.output(1, as: 2)) == ["answer c2 #1 not completed"])
        #expect(d.later(d.attach(1, as: 4)) == [])
    }
}

/// What a repeated request with the same idempotency key meets.
@Suite struct IdempotencyTests {
    let d = Driver()

    init() {
        d.call(.greet, as: 1, key: "k")
        #expect(d.loads(d.lastTurn) == ["load by id #?"])
        #expect(d.rows == [])
        #expect(d.now(d.answerLoads()) == ["start #1.1"])
    }

    @Test func aSecondCallGetsTheSameResult() {
        #expect(d.rows(d.call(.greet, as: 2, key: "k")) == [])
        #expect(d.later(d.returns(1, "x")) == ["answer c1 #1 ok x", "answer c2 #1 ok x"])
        #expect(d.later(d.call(.greet, as: 3, key: "k")) == ["answer c3 #1 stored ok x"])
    }

    @Test func aSecondSendIsKnown() {
        #expect(d.later(d.send(.greet, as: 2, key: "k")) == ["answer c2 known #1"])
        d.returns(1)
        #expect(d.later(d.send(.greet, as: 2, key: "k")) == ["answer c2 known #1"])
    }

    @Test func theResultIsFoundAfterItLeftMemory() {
        d.returns(1, "x")
        d.commit()
        #expect(!d.isResident(1))
        d.call(.greet, as: 2, key: "k")
        d.send(.greet, as: 3, key: "k")
        #expect(d.later(d.answerLoads()) == ["answer c2 #1 stored ok x", "answer c3 known #1"])
    }

    @Test func theInvocationIsFoundAfterARestart() {
        d.commit()
        d.crash()
        d.answerLoads()
        #expect(d.later == ["start #1.1"])
        d.call(.greet, as: 2, key: "k")
        #expect(d.later(d.returns(1, "x")) == ["answer c2 #1 ok x"])
    }

    @Test func anotherKeyIsAnotherInvocation() {
        d.call(.greet, as: 2, key: "other")
        #expect(d.now(d.answerLoads()) == ["start #2.2"])
    }

    @Test func aSecondSendOfAScheduledOneIsToldItsTime() {
        d.send(.greet, delayMs: 500, as: 2, key: "later")
        #expect(d.later(d.answerLoads()) == ["answer c2 accepted #2 at 1500"])
        #expect(d.later(d.send(.greet, delayMs: 9_000, as: 3, key: "later")) == ["answer c3 known #2 at 1500"])
        d.commit()
        #expect(!d.isResident(2))
        d.call(.greet, as: 4, key: "later")
        #expect(d.later(d.answerLoads()) == [])
        d.wait(500)
        #expect(d.later(d.send(.greet, as: 5, key: "later")) == ["answer c5 known #2"])
        #expect(d.later(d.returns(2, "y")) == ["answer c4 #2 ok y"])
    }

    @Test func aSecondSendOfAQueuedOneIsToldItsTime() {
        d.call(.add("a"), as: 2)
        d.send(.add("a"), delayMs: 0, as: 3, key: "q")
        #expect(d.later(d.answerLoads()) == ["answer c3 accepted #3 at 1000"])
        #expect(d.status(3) == .pending)
        #expect(d.later(d.send(.add("a"), as: 4, key: "q")) == ["answer c4 known #3 at 1000"])
        d.call(.add("a"), as: 5, key: "q")
        d.returns(2)
        #expect(d.later(d.send(.add("a"), as: 6, key: "q")) == ["answer c6 known #3"])
        #expect(d.later(d.returns(3, "z")) == ["answer c5 #3 ok z"])
    }

    @Test func aWorkflowRunsOncePerKey() {
        d.call(.signup("w"), as: 2)
        #expect(d.now(d.answerLoads()) == ["start #2.2"])
        let conflict = "failure 409 the workflow method was already invoked"
        #expect(d.later(d.call(.signup("w"), as: 3)) == ["answer c3 #2 \(conflict)"])
        #expect(d.later(d.send(.signup("w"), as: 4)) == ["answer c4 known #2"])
    }
}

/// What is refused at the door.
@Suite struct RefusalTests {
    @Test func tooManyLiveAttempts() {
        let d = Driver { $0.liveAttemptsMax = 2 }
        d.call(.greet)
        d.call(.greet)
        #expect(d.now(d.call(.greet, as: 3)) == ["answer c3 refused 429"])
        #expect(d.rows == [])
        d.op(1, .send(.greet, input: [], delayMs: nil, idempotencyKey: nil))
        #expect(d.now == ["start #3.3", "resume #1.1 sent #3"], "what handlers send is always accepted")
        d.returns(1)
        d.returns(3)
        #expect(d.now(d.call(.greet)) == ["start #4.4"])
    }

    @Test func tooManyBehindOneKey() {
        let d = Driver { $0.laneDepthMax = 1 }
        d.call(.add("a"))
        d.call(.add("a"))
        #expect(d.now(d.call(.add("a"), as: 3)) == ["answer c3 refused 429"])
        #expect(d.now(d.call(.add("b"))) == ["start #3.2"])
        #expect(d.now(d.call(.get("a"))) == ["start #4.3"])
    }

    @Test func tooManyPromises() {
        let d = Driver { $0.retainedPromisedMax = 1 }
        d.call(.greet, key: "k")
        d.answerLoads()
        d.returns(1, "x")
        d.call(.greet, as: 2, key: "other")
        #expect(d.now(d.answerLoads()) == ["answer c2 refused 503"])
        #expect(d.later(d.call(.greet, as: 3, key: "k")) == ["answer c3 #1 stored ok x"])
        #expect(d.now(d.call(.greet, as: 4)) == ["start #2.2"], "nothing is promised to a request without key")
    }
}
