import DurableModel
import EngineCore
import Testing

/// Durable promises: completed once, by any handler of the workflow, before or after somebody waits.
@Suite struct PromiseTests {
    let d = Driver()

    init() {
        d.call(.signup("x"))
        d.answerLoads()
        d.call(.look("x"), as: 2)
    }

    private func op(_ serial: InvocationSerial, _ operation: Operation) -> [String] {
        d.op(serial, operation)
        if !d.loads.isEmpty { d.answerLoads() }
        return d.now
    }

    @Test func whoWaitsHearsOfIt() {
        #expect(op(1, .getPromise("p")) == ["resume #1.1 started /0"])
        #expect(d.now(d.op(1, .await(entry: 0))) == [])
        #expect(op(2, .completePromise("p", .success(b("v")))) == ["resume #1.1 ok v", "resume #2.2 ok "])
        #expect(d.rows.contains("promise x.p ok v waiters 0"))
    }

    @Test func whoComesLateHearsOfItToo() {
        _ = op(2, .completePromise("p", .success(b("v"))))
        _ = op(1, .getPromise("p"))
        #expect(d.now(d.op(1, .await(entry: 0))) == ["resume #1.1 ok v"])
    }

    @Test func onlyOnce() {
        _ = op(2, .completePromise("p", .success(b("v"))))
        #expect(
            op(2, .completePromise("p", .success(b("w"))))
                == ["resume #2.2 failure 409 promise was already completed"])
        #expect(op(1, .peekPromise("p")) == ["resume #1.1 ok v"])
    }

    @Test func aPeekDoesNotWait() {
        #expect(op(1, .peekPromise("p")) == ["resume #1.1 nil"])
        _ = op(2, .completePromise("p", .failure(TerminalFailure(code: 400, message: "no"))))
        #expect(op(1, .peekPromise("p")) == ["resume #1.1 failure 400 no"])
    }

    @Test func waitersAreFoundAfterARestart() {
        _ = op(1, .getPromise("p"))
        d.op(1, .await(entry: 0))
        d.commit()
        d.restart()
        d.settle()
        #expect(d.status(1) == .suspended, "an orderly stop suspends who waits")
        d.call(.look("x"), as: 3)
        let late = d.engine.liveAttemptIDs.map(\.serial).max() ?? 0
        d.op(late, .completePromise("p", .success(b("v"))))
        d.settle()
        #expect(d.status(1) == .running)
        #expect(d.journal(1) == ["promise p: ok v"])
    }

    @Test func otherKeysHaveTheirOwn() {
        _ = op(2, .completePromise("p", .success(b("v"))))
        d.call(.look("y"), as: 3)
        #expect(op(3, .peekPromise("p")) == ["resume #3.3 nil"])
    }

    @Test func onlyWorkflowsHaveThem() {
        d.call(.greet, as: 3)
        d.op(3, .peekPromise("p"))
        #expect(d.status(3) == .paused)
        d.call(.add("a"), as: 4)
        d.op(4, .peekPromise("p"))
        #expect(d.status(4) == .paused)
    }

    @Test(arguments: [true, false]) func theyEndWithTheRun(byRetention: Bool) {
        _ = op(1, .setState("n", b("1")))
        _ = op(2, .completePromise("p", .success(b("v"))))
        d.returns(1)
        d.returns(2)
        d.commit()
        if byRetention {
            d.nowMs += 600
            d.sweep()
        } else {
            d.steer(1, .purge)
        }
        d.settle()
        #expect(d.disk.promises.isEmpty && d.disk.state.isEmpty && d.disk.invocations[1] == nil)
    }
}

@Suite struct OtherInvocationTests {
    let d = Driver()

    @Test func attachWaitsForAnybodysResult() {
        d.send(.greet)
        d.call(.greet, as: 2)
        d.op(2, .attach(d.id(1)))
        #expect(d.now(d.op(2, .await(entry: 0))) == [])
        #expect(d.now(d.returns(1, "x")) == ["resume #2.2 ok x"])
        d.call(.greet, as: 3)
        d.op(3, .attach(d.id(1)))
        #expect(d.now(d.op(3, .await(entry: 0))) == ["resume #3.3 ok x"])
        #expect(d.now(d.op(3, .getOutput(d.id(1)))) == ["resume #3.3 ok x"])
    }

    @Test func outputDoesNotWait() {
        d.send(.greet)
        d.call(.greet, as: 2)
        #expect(d.now(d.op(2, .getOutput(d.id(1)))) == ["resume #2.2 nil"])
        d.returns(1, "x")
        #expect(d.now(d.op(2, .getOutput(d.id(1)))) == ["resume #2.2 ok x"])
        #expect(d.journal(2) == ["output #1: nil", "output #1: ok x"])
    }

    @Test func whatNobodyKnows() {
        d.call(.greet)
        let nobody = InvocationID(partitionKey: 1, uuid: 1)
        d.op(1, .attach(nobody))
        d.answerLoads()
        d.op(1, .await(entry: 0))
        #expect(d.now.first?.hasPrefix("resume #1.1 failure 404 ") == true)
        d.op(1, .getOutput(nobody))
        d.answerLoads()
        #expect(d.now.first?.hasPrefix("resume #1.1 failure 404 ") == true)
    }
}

@Suite struct PatchTests {
    let d = Driver()

    @Test func aNewJournalGoesThroughTheNewCodeForEver() {
        d.call(.greet)
        #expect(d.now(d.op(1, .patched("p"))) == ["resume #1.1 true"])
        d.op(1, .now)
        d.ends(1, .failed("once"))
        d.wait(1_000)
        #expect(d.now(d.op(1, .patched("p"))) == ["resume #1.2 true"])
        #expect(d.now(d.op(1, .now)) == ["resume #1.2 1000"])
    }

    @Test func anOldJournalGoesThroughTheOldCode() {
        d.call(.greet)
        d.op(1, .now)
        d.ends(1, .failed("once"))
        d.wait(1_000)
        #expect(d.now(d.op(1, .patched("p"))) == ["resume #1.2 false"])
        #expect(d.now(d.op(1, .now)) == ["resume #1.2 1000"])
        #expect(d.journal(1) == ["now: 1000"])
    }
}
