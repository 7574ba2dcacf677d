import DurableModel
import EngineCore
import Testing

/// Calls and sends between handlers.
@Suite struct CallTests {
    let d = Driver()

    init() { d.call(.greet) }

    @discardableResult
    func call(_ target: InvocationTarget, key: String? = nil, from parent: InvocationSerial = 1) -> Turn {
        d.op(parent, .call(target, input: b("in"), idempotencyKey: key))
    }

    @discardableResult
    func send(_ target: InvocationTarget, delayMs: Int64? = nil, key: String? = nil) -> Turn {
        d.op(1, .send(target, input: b("in"), delayMs: delayMs, idempotencyKey: key))
    }

    @Test func theParentResumesWithTheResult() {
        #expect(d.now(call(.add("a"))) == ["start #2.2", "resume #1.1 called #2 /0"])
        #expect(d.rows == ["new #1/0 call add", "new #2 running"])
        #expect(d.truth.invocations[2]?.acceptance.input == b("in"))
        d.op(1, .await(entry: 0))
        #expect(d.now(d.returns(2, "x")) == ["resume #1.1 ok x"])
        #expect(d.rows == ["#1/0 call add: ok x", "#2 completed"])
        #expect(d.pending.count > 1, "nothing of this waited for the disk")
    }

    @Test func theResultMayComeBeforeTheParentWaits() {
        call(.add("a"))
        #expect(d.now(d.returns(2, "x")) == [])
        #expect(d.now(d.op(1, .await(entry: 0))) == ["resume #1.1 ok x"])
    }

    @Test func aFailureOfTheChildIsTheResult() {
        call(.add("a"))
        d.op(1, .await(entry: 0))
        d.ends(2, .terminal(TerminalFailure(code: 409, message: "taken")))
        #expect(d.now == ["resume #1.1 failure 409 taken"])
    }

    @Test func aCallToABusyKeyQueues() {
        d.call(.add("a"), as: 2)
        #expect(d.now(call(.add("a"))) == ["resume #1.1 called #3 /0"])
        d.op(1, .await(entry: 0))
        #expect(d.now(d.returns(2)) == ["start #3.3"])
        #expect(d.now(d.returns(3, "x")) == ["resume #1.1 ok x"])
    }

    @Test func aParentThatHasCompletedMeanwhileHearsNothing() {
        call(.add("a"))
        d.returns(1)
        #expect(d.rows(d.returns(2, "x")) == ["#2 completed"])
    }

    @Test func aParentThatHasCompletedAndLeftMemoryHearsNothing() {
        call(.add("a"))
        d.returns(1)
        d.commit()
        #expect(!d.isResident(1))
        d.returns(2, "x")
        #expect(d.loads == ["load #1"] && d.rows == [])
        #expect(d.rows(d.answerLoads()) == ["#2 completed"])
    }

    @Test func aParentThatBacksOffOutOfMemoryFindsTheResult() {
        call(.add("a"))
        d.ends(1, .failed("no"))
        d.commit()
        #expect(!d.isResident(1))
        #expect(d.loads(d.returns(2, "x")) == ["load #1"])
        #expect(d.rows(d.answerLoads()) == ["#1/0 call add: ok x", "#2 completed"])
        d.commit()
        d.wait(200)
        d.settle()
        #expect(d.now(call(.add("a"))) == ["resume #1.3 called #2 /0"])
        #expect(d.now(d.op(1, .await(entry: 0))) == ["resume #1.3 ok x"])
    }

    @Test func aCrashBetweenCallAndResult() {
        call(.add("a"))
        d.commit()
        d.crash()
        #expect(d.loads == ["load #1", "load #2"])
        d.settle()
        #expect(d.now(call(.add("a"))) == ["resume #1.1 called #2 /0"])
        d.op(1, .await(entry: 0))
        #expect(d.now(d.returns(2, "x")) == ["resume #1.1 ok x"])
    }

    @Test func aChildThatWasNotDurableIsLostWithItsCall() {
        d.commit()
        call(.add("a"))
        d.crash()
        d.settle()
        #expect(d.now(call(.add("a"))).last == "resume #1.1 called #100001 /0")
    }

    @Test func callsOfUnknownHandlersFail() {
        #expect(d.now(call(.nowhere)) == ["resume #1.1 called #1 /0"])
        let failure = "failure 404 there is no handler nowhere of a service Greeter to call"
        #expect(d.now(d.op(1, .await(entry: 0))) == ["resume #1.1 \(failure)"])
        d.ends(1, .failed("no"))
        d.wait(200)
        #expect(d.now(call(.nowhere)) == ["resume #1.2 called #1 /0"])
    }

    @Test func theSameSeedNamesTheSameChildren() {
        call(.add("a"))
        let first = d.id(2)
        call(.add("a"))
        #expect(d.id(3) != first)
    }

    @Test func sendsStartAtOnceOrWhenDue() {
        #expect(d.now(send(.greet)) == ["start #2.2", "resume #1.1 sent #2"])
        #expect(d.rows == ["new #1/0 send greet: done", "new #2 running"])
        #expect(d.now(send(.greet, delayMs: 100)) == ["resume #1.1 sent #3"])
        #expect(d.rows == ["new #1/1 send greet: done", "timer #3 start at 1100", "new #3 scheduled"])
        #expect(d.now(send(.greet, delayMs: -1)).first == "start #4.3")
        #expect(d.now(send(.greet, delayMs: .max)) == ["resume #1.1 sent #5"])
        #expect(d.now(d.returns(2, "unheard")) == [])
        #expect(d.now(d.wait(100)) == ["start #3.4"])
    }

    @Test func aSendWithAKeyHappensOnce() {
        send(.greet, key: "k")
        #expect(d.loads == ["load by id #?"] && d.rows == [])
        #expect(d.now(d.answerLoads()) == ["start #2.2", "resume #1.1 sent #2"])
        #expect(d.now(send(.greet, key: "k")) == ["resume #1.1 sent #2"])
        d.returns(2)
        #expect(d.now(send(.greet, key: "k")) == ["resume #1.1 sent #2"])
        #expect(d.truth.invocations.count == 2)
    }
}

/// A call that meets an invocation with the same idempotency key gets that one's result.
@Suite struct FollowerTests {
    let d = Driver()

    init() {
        for caller: UInt64 in 1...3 { d.call(.greet, as: caller) }
        call(from: 1)
        d.answerLoads()
        #expect(d.now == ["start #4.4", "resume #1.1 called #4 /0"])
    }

    @discardableResult
    func call(from parent: InvocationSerial) -> Turn {
        d.op(parent, .call(.add("a"), input: [], idempotencyKey: "k"))
    }

    @Test func aRunningOneIsFollowed() {
        #expect(d.now(call(from: 2)) == ["resume #2.2 called #4 /0"])
        #expect(d.rows == ["new #2/0 call add", "#4 running"])
        call(from: 3)
        for parent: InvocationSerial in [1, 2, 3] { d.op(parent, .await(entry: 0)) }
        #expect(d.now(d.returns(4, "x")) == ["resume #1.1 ok x", "resume #2.2 ok x", "resume #3.3 ok x"])
    }

    @Test func aCompletedOneAnswersAtOnce() {
        d.returns(4, "x")
        call(from: 2)
        #expect(d.rows == ["new #2/0 call add: ok x"])
        #expect(d.now(d.op(2, .await(entry: 0))) == ["resume #2.2 ok x"])
        d.commit()
        #expect(!d.isResident(4))
        #expect(d.rows(call(from: 3)) == [])
        #expect(d.rows(d.answerLoads()) == ["new #3/0 call add: ok x"])
    }

    @Test func followersAreKnownAfterACrash() {
        call(from: 2)
        d.commit()
        d.crash()
        d.settle()
        for parent: InvocationSerial in [1, 2] {
            call(from: parent)
            d.op(parent, .await(entry: 0))
        }
        #expect(d.now(d.returns(4, "x")).sorted() == ["resume #1.1 ok x", "resume #2.2 ok x"])
    }

    @Test func followersOutOfMemoryAreAllToldInOneTurn() {
        call(from: 2)
        call(from: 3)
        for parent: InvocationSerial in [1, 2, 3] { d.ends(parent, .failed("no")) }
        d.commit()
        #expect((1...3).allSatisfy { !d.isResident(InvocationSerial($0)) })
        d.returns(4, "x")
        // Each answer is followed by a commit, after which whoever came before might have left again.
        for _ in 0..<10 where !d.outstanding.isEmpty {
            d.answerLoads()
            d.send(.greet, as: 8)
            d.commit()
        }
        #expect(d.outstanding.isEmpty)
        for parent: InvocationSerial in [1, 2, 3] { #expect(d.journal(parent) == ["call add: ok x"]) }
        d.send(.greet, as: 8)
        d.commit()
        #expect((1...3).allSatisfy { !d.isResident(InvocationSerial($0)) })
    }

    @Test func followersThatWerePurgedHoldUpNobody() {
        let d = Driver()
        for caller: UInt64 in 1...2 { d.call(.brief, as: caller) }
        d.op(1, .call(.add("a"), input: [], idempotencyKey: "k"))
        d.answerLoads()
        d.op(2, .call(.add("a"), input: [], idempotencyKey: "k"))
        d.returns(1)
        d.returns(2)
        d.commit()
        d.wait(100)
        d.sweep()
        d.settle()
        #expect(d.truth.invocations.count == 1)
        d.returns(3, "x")
        for _ in 0..<10 where !d.outstanding.isEmpty { d.answerLoads() }
        #expect(d.status(3) == .completed)
    }

    @Test func aWorkflowThatRunsAlreadyIsAConflict() {
        d.op(2, .call(.signup("w"), input: [], idempotencyKey: nil))
        d.answerLoads()
        d.op(3, .call(.signup("w"), input: [], idempotencyKey: nil))
        #expect(d.rows == ["new #3/0 call run: failure 409 the workflow method was already invoked"])
    }
}
