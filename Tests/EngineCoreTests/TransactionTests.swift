import DurableModel
import Testing

@testable import EngineCore

/// Transactional steps: as closures, but their results are on disk before the engine hears of them.
@Suite struct TransactionTests {
    let d = Driver()

    init() { d.call(.greet) }

    func begin(_ policy: RetryPolicy? = nil) {
        d.op(1, .transaction(name: "t", policy: policy))
        d.op(1, .await(entry: 0))
    }

    @Test func itStartsOnceItsEntryIsDurableAndItsResultNeedsNoWrite() {
        d.op(1, .transaction(name: "t", policy: nil))
        #expect(d.now == ["resume #1.1 started /0"])
        #expect(d.rows == ["new #1/0 transaction t"])
        d.op(1, .await(entry: 0))
        #expect(d.commit() == ["run #1/0 try 1"])
        d.transacts(1, 0, "x")
        d.runEnds(1, 0, .success(b("x")))
        #expect(d.now == ["resume #1.1 ok x"])
        #expect(d.rows == [])
        #expect(d.journal(1) == ["transaction t: ok x"])
    }

    @Test func aCrashBeforeTheEngineKnowsLosesNothing() {
        begin()
        d.commit()
        d.transacts(1, 0, "x")
        d.crash()
        d.settle()
        d.op(1, .transaction(name: "t", policy: nil))
        #expect(d.now == ["resume #1.1 started /0"])
        #expect(d.now(d.op(1, .await(entry: 0))) == ["resume #1.1 ok x"])
        #expect(d.commit().isEmpty && d.closures.isEmpty)
    }

    @Test func aCrashBeforeTheStoreHasItExecutesItAgain() {
        begin()
        d.commit()
        d.crash()
        d.settle()
        begin()
        d.settle()
        #expect(d.closures.map(\.entry) == [0])
    }

    @Test func aFailedOneIsExecutedAgainByThePolicy() {
        begin(.twice)
        d.commit()
        d.runEnds(1, 0, .failed("no"))
        #expect(d.now == [] && d.events == ["run failed #1 t: no"])
        #expect(d.later(d.wait(130)) == ["run #1/0 try 2"])
        d.commit()
        #expect(d.now(d.runEnds(1, 0, try: 2, .failed("never"))) == ["resume #1.1 failure 500 never"])
    }

    @Test func withoutAPolicyTheInvocationPausesInTheEnd() {
        begin()
        for number in 1...3 {
            #expect(d.commit().contains("run #1/0 try \(number)"))
            d.runEnds(1, 0, try: number, .failed("no"))
            if number < 3 { d.wait(600) }
        }
        #expect(d.events == ["paused #1: step \"t\" failed 3 times: no"])
    }

    /// Whoever was first is first in the replay, also if results come between the execution and its report.
    @Test func itsRankIsAheadOfEverythingThatArrivesMeanwhile() throws {
        d.op(1, .sleep(durationMs: 50))
        d.op(1, .transaction(name: "t", policy: nil))
        d.op(1, .select(Waiting(.first, [0, 1])))
        d.commit()
        d.transacts(1, 1, "x")
        #expect(d.now(d.wait(60)) == ["resume #1.1 settled by /0"])
        d.runEnds(1, 1, .success(b("x")))
        d.commit()
        d.crash()
        d.settle()
        d.op(1, .sleep(durationMs: 50))
        d.op(1, .transaction(name: "t", policy: nil))
        #expect(d.now(d.op(1, .select(Waiting(.first, [0, 1])))) == ["resume #1.1 settled by /0"])
    }

    @Test func ofTwoTheFirstOneIsFirst() {
        d.op(1, .transaction(name: "t", policy: nil))
        d.op(1, .transaction(name: "u", policy: nil))
        d.op(1, .select(Waiting(.first, [0, 1])))
        d.commit()
        let ranks = d.closures.compactMap(\.durableRank)
        #expect(ranks.count == 2 && ranks[0] < ranks[1])
        d.transacts(1, 0, "x")
        d.transacts(1, 1, "y")
        d.crash()
        d.settle()
        d.op(1, .transaction(name: "t", policy: nil))
        d.op(1, .transaction(name: "u", policy: nil))
        #expect(d.now(d.op(1, .select(Waiting(.first, [0, 1])))) == ["resume #1.1 settled by /0"])
    }

    @Test func aCancellationEndsTheWaitAndTheResultIsRecorded() {
        begin()
        d.commit()
        d.steer(1, .cancel)
        #expect(d.now == ["resume #1.1 failure 409 Cancelled"])
        d.transacts(1, 0, "x")
        d.runEnds(1, 0, .success(b("x")))
        #expect(d.journal(1) == ["transaction t: ok x"])
        #expect(d.now(d.op(1, .await(entry: 0))) == ["resume #1.1 ok x"])
    }

    @Test func anotherKindOfStepInItsPlaceIsAMismatch() {
        begin()
        d.commit()
        d.crash()
        d.settle()
        d.op(1, .run(name: "t", policy: nil))
        #expect(d.status(1) == .paused)
        #expect(d.events.first?.contains("transaction \"t\"") == true)
    }
}
