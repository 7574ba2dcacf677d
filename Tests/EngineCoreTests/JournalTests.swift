import DurableModel
import EngineCore
import Testing

/// Every operation: appended once, answered from the journal by later attempts.
@Suite struct JournalTests {
    let d = Driver()

    init() {
        d.call(.add("a"))
        d.op(1, .getState("n"))
        #expect(d.loads == ["load Counter/a"])
        #expect(d.rows == [])
        d.answerLoads()
        #expect(d.now == ["resume #1.1 nil"])
        #expect(d.rows == ["new #1/0 get n: nil"])
    }

    /// Fails the attempt and starts the next.
    func again() {
        d.ends(1, .failed("no"))
        d.wait(300)
    }

    @Test func stateOperations() {
        d.op(1, .setState("n", b("1")))
        #expect(d.now == ["resume #1.1 done"])
        #expect(d.rows == ["new #1/1 set n 1: done", "state a.n = 1"])
        d.op(1, .setState("m", b("2")))
        #expect(d.now(d.op(1, .getState("n"))) == ["resume #1.1 1"])
        #expect(d.rows == ["new #1/3 get n: 1"])
        #expect(d.now(d.op(1, .stateNames)) == ["resume #1.1 m,n"])
        d.op(1, .clearState("n"))
        #expect(d.rows == ["new #1/5 clear n: done", "state a.n unset"])
        #expect(d.now(d.op(1, .getState("n"))) == ["resume #1.1 nil"])
        d.op(1, .setState("o", b("3")))
        d.op(1, .clearAllState)
        #expect(d.rows == ["new #1/8 clear all: done", "state a.m unset", "state a.o unset"])
        #expect(d.now(d.op(1, .stateNames)) == ["resume #1.1 "])
    }

    @Test func stateIsReplayedAsItWas() {
        d.op(1, .setState("n", b("1")))
        d.op(1, .getState("n"))
        d.op(1, .stateNames)
        d.op(1, .clearState("n"))
        d.op(1, .clearAllState)
        again()
        #expect(d.now == ["start #1.2"])
        #expect(d.now(d.op(1, .getState("n"))) == ["resume #1.2 nil"], "as it was, not as it is")
        #expect(d.rows == [])
        #expect(d.now(d.op(1, .setState("n", b("9")))) == ["resume #1.2 done"], "inputs are not compared")
        #expect(d.rows == [])
        #expect(d.now(d.op(1, .getState("n"))) == ["resume #1.2 1"])
        #expect(d.now(d.op(1, .stateNames)) == ["resume #1.2 n"])
        #expect(d.now(d.op(1, .clearState("n"))) == ["resume #1.2 done"])
        #expect(d.now(d.op(1, .clearAllState)) == ["resume #1.2 done"])
        #expect(d.rows == [])
        d.op(1, .getState("n"))
        #expect(d.rows == ["new #1/6 get n: nil", "#1 running"])
    }

    @Test func waitingOperationsAreReplayedWithTheirResults() {
        let steps: [(operation: Operation, first: String, replayed: String)] = [
            (.run(name: "r", policy: nil), "started /1", "started /1"),
            (.sleep(durationMs: 50), "started /2", "started /2"),
            (.awakeable, "awakeable /3", "awakeable /3"),
            (.call(.greet, input: [], idempotencyKey: nil), "called #2 /4", "called #2 /4"),
            (.send(.greet, input: [], delayMs: nil, idempotencyKey: nil), "sent #3", "sent #3"),
            (.now, "1000", "1000"),
        ]
        for step in steps { #expect(d.now(d.op(1, step.operation)).last == "resume #1.1 \(step.first)") }
        again()
        d.op(1, .getState("n"))
        for step in steps {
            #expect(d.now(d.op(1, step.operation)).last == "resume #1.4 \(step.replayed)")
            #expect(d.rows == [])
        }
        #expect(d.engine.liveAttempts == 3, "nothing was called or sent twice")
    }

    @Test func timePassesForNewCommandsOnly() {
        #expect(d.now(d.op(1, .now)) == ["resume #1.1 1000"])
        again()
        d.op(1, .getState("n"))
        #expect(d.now(d.op(1, .now)) == ["resume #1.2 1000"])
        #expect(d.now(d.op(1, .now)) == ["resume #1.2 1300"])
    }

    @Test func theJournalSurvivesACrash() {
        d.op(1, .setState("n", b("1")))
        d.commit()
        d.op(1, .setState("n", b("2")))
        d.crash()
        #expect(d.later(d.answerLoads()) == ["start #1.1"])
        d.commit()
        #expect(d.now(d.op(1, .getState("n"))) == ["resume #1.1 nil"])
        #expect(d.now(d.op(1, .setState("n", b("1")))) == ["resume #1.1 done"])
        d.op(1, .getState("n"))
        #expect(d.loads == ["load Counter/a"])
        #expect(d.now(d.answerLoads()) == ["resume #1.1 1"], "what was not durable is lost as a whole")
    }

    @Test func aSmallJournalIsPackedIntoItsInvocation() {
        d.op(1, .setState("n", b("1")))
        d.returns(1)
        #expect(d.rows == ["delete #1/0", "delete #1/1", "#1 completed"])
        #expect(d.progress(1)?.packedJournal?.count == 2)
        #expect(d.progress(1)?.journalLength == 2)
        d.commit()
        #expect(d.disk.journal.isEmpty)
    }

    @Test func aLongJournalKeepsItsRows() {
        let d = Driver { $0.packedJournalEntriesMax = 2 }
        d.call(.greet)
        for _ in 0..<3 { d.op(1, .now) }
        d.returns(1)
        #expect(d.rows == ["#1 completed"])
        #expect(d.progress(1)?.packedJournal == nil)
        #expect(d.progress(1)?.journalLength == 3)
    }

    @Test func linesAreSaidOnceDurableAndNotWhileReplaying() {
        let line = Operation.log(LoggedLine(level: "info", message: "hello"))
        #expect(d.later(d.op(1, line)) == ["log #1 info hello"])
        #expect(d.now == [])
        again()
        #expect(d.later(d.op(1, line)) == [])
        d.op(1, .getState("n"))
        #expect(d.later(d.op(1, line)) == ["log #1 info hello"])
    }

    @Test func whatIsPublishedLeavesAsLinesDo() {
        let event = Operation.publish(Publication(topic: "seats", data: b("1")))
        d.op(1, .setState("n", b("1")))
        #expect(d.later(d.op(1, event)) == ["publish seats"])
        #expect(d.now == [])
        again()
        #expect(d.later(d.op(1, event)) == [])
    }

    @Test func aStaleAttemptHearsThatItHasEnded() {
        let stale = d.attempt(1)
        again()
        for operation: Operation in [.getState("n"), .setState("n", []), .await(entry: 0), .now] {
            #expect(d.now(d.step(.operation(stale, operation))) == ["resume #1.1 ended"])
            #expect(d.rows == [])
        }
        #expect(d.rows(d.step(.attemptEnded(stale, .returned([])))) == [])
    }

    @Test func limitsOfTheJournalAndOfState() {
        let d = Driver {
            $0.journalEntriesMax = 2
            $0.objectStateBytesMax = 10
        }
        d.call(.add("a"))
        d.op(1, .setState("n", b("12345678")))
        d.answerLoads()
        d.op(1, .setState("n", b("87654321")))
        #expect(d.now == ["resume #1.1 done"], "replacing a value needs no room for both")
        d.op(1, .now)
        #expect(d.now == ["end #1.1"])
        #expect(d.events == ["paused #1: the journal has 2 entries, the most allowed"])
        d.call(.add("b"))
        d.op(2, .setState("n", b("1234567890")))
        d.answerLoads()
        #expect(d.events == ["paused #2: the state of Counter/b would exceed 10 bytes"])
        #expect(d.journal(2) == [])
    }

    @Test func whatCannotBePausesInsteadOfGuessing() {
        d.call(.greet)
        d.op(2, .getState("n"))
        #expect(d.events == ["paused #2: Greeter is a plain service: it has no state"])
        d.op(1, .await(entry: 7))
        #expect(d.events == ["paused #1: the handler waits for journal entry 7, which does not exist"])
        d.call(.greet)
        d.op(3, .send(.nowhere, input: [], delayMs: nil, idempotencyKey: nil))
        #expect(d.events == ["paused #3: there is no handler nowhere of a service Greeter to call"])
        #expect(d.engine.pausedInvocations == 3)
    }
}

/// A handler that does something else than what its journal says.
@Suite struct MismatchTests {
    let d = Driver()

    static let awakeable = AwakeableID(invocation: InvocationID(partitionKey: 1, uuid: 2), index: 3)
    static let operations: [(operation: Operation, summary: String)] = [
        (.getState("n"), "get state \"n\""), (.stateNames, "list state"), (.setState("n", []), "set state \"n\""),
        (.clearState("n"), "clear state \"n\""), (.clearAllState, "clear all state"),
        (.run(name: "r", policy: nil), "run \"r\""),
        (.call(.add("z"), input: [], idempotencyKey: nil), "call Counter/z/add"),
        (.send(.add("z"), input: [], delayMs: nil, idempotencyKey: nil), "send Counter/z/add"),
        (.sleep(durationMs: 1), "sleep"), (.awakeable, "awakeable"),
        (.completeAwakeable(awakeable, .success([])), "complete awakeable \(awakeable.text)"), (.now, "now"),
    ]

    /// Journals `first`, then asks for `second` in the next attempt.
    func replay(_ first: Operation, as second: Operation) {
        d.call(.add("a"))
        d.op(1, first)
        if !d.outstanding.isEmpty { d.answerLoads() }
        d.ends(1, .failed("no"))
        d.wait(200)
        d.op(1, second)
    }

    @Test(arguments: operations.indices, operations.indices)
    func everyKindAgainstEveryOther(_ i: Int, _ j: Int) {
        let (first, second) = (Self.operations[i], Self.operations[j])
        replay(first.operation, as: second.operation)
        guard i != j else {
            #expect(d.status(1) == .running)
            return
        }
        #expect(d.now.first?.hasPrefix("end #1.") == true && d.status(1) == .paused)
        #expect(
            d.events == [
                "paused #1: journal mismatch (570) at entry 0: the journal has \(first.summary), the handler asked "
                    + "for \(second.summary); the handler's code has changed or is not deterministic"
            ])
    }

    @Test func anotherNameOrTargetIsAMismatch() {
        let pairs: [(Operation, Operation)] = [
            (.getState("n"), .getState("m")), (.setState("n", []), .setState("m", [])),
            (.clearState("n"), .clearState("m")), (.run(name: "r", policy: nil), .run(name: "s", policy: nil)),
            (.call(.greet, input: [], idempotencyKey: nil), .call(.brief, input: [], idempotencyKey: nil)),
            (
                .send(.add("y"), input: [], delayMs: nil, idempotencyKey: nil),
                .send(.add("z"), input: [], delayMs: nil, idempotencyKey: nil)
            ),
        ]
        for (first, second) in pairs {
            let other = MismatchTests()
            other.replay(first, as: second)
            #expect(other.status(1) == .paused)
        }
    }

    func status(_ serial: InvocationSerial) -> InvocationStatus? { d.status(serial) }

    @Test(arguments: [AttemptResult.returned([]), .terminal(TerminalFailure(message: "no"))])
    func endingBeforeTheJournalEnds(_ result: AttemptResult) {
        replay(.now, as: .now)
        d.op(1, .sleep(durationMs: 1))
        d.ends(1, .failed("no"))
        d.wait(500)
        d.op(1, .now)
        d.ends(1, result)
        #expect(d.status(1) == .paused)
        let side = result == .returned([]) ? "returned" : "ended with a terminal error"
        #expect(
            d.events == [
                "paused #1: journal mismatch (570) at entry 1: the journal has sleep, the handler \(side); the "
                    + "handler's code has changed or is not deterministic"
            ])
    }

    @Test func failingBeforeTheJournalEndsIsAFailureLikeAnyOther() {
        replay(.now, as: .now)
        d.op(1, .sleep(durationMs: 1))
        d.ends(1, .failed("no"))
        d.wait(500)
        d.ends(1, .failed("no"))
        #expect(d.status(1) == .backingOff)
    }

    @Test func aPausedInvocationStaysPausedOverARestart() {
        replay(.now, as: .awakeable)
        d.commit()
        d.crash()
        #expect(d.loads == [] && d.engine.pausedInvocations == 1)
    }
}
