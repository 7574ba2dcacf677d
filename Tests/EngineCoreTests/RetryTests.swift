import DurableModel
import EngineCore
import Testing

/// Attempts that fail, and when the next is made.
@Suite struct RetryTests {
    let d = Driver()

    init() { d.call(.greet) }

    @Test func aFailedAttemptIsMadeAgainThenPaused() {
        d.ends(1, .failed("one"))
        #expect(d.now == [] && d.events == ["attempt failed #1: one"])
        #expect(d.rows.last == "#1 backingOff" && d.rows.first?.hasPrefix("timer #1 retry") == true)
        #expect(d.now(d.wait(99)) == [])
        #expect(d.now(d.wait(31)) == ["start #1.2"])
        #expect(d.rows == ["timer #1 retry gone", "#1 running"])
        d.ends(1, .failed("two"))
        #expect(d.now(d.wait(199)) == [])
        #expect(d.now(d.wait(61)) == ["start #1.3"])
        d.ends(1, .failed("three"))
        #expect(d.rows == ["#1 paused"] && d.events == ["paused #1: attempt 3 of 3 failed: three"])
        #expect(d.now(d.wait(100_000)) == [])
    }

    @Test func progressMakesTheNextFailureAFirstOne() {
        for _ in 0..<10 {
            d.ends(1, .failed("no"))
            d.wait(300)
            for _ in d.journal(1) { d.op(1, .now) }
            #expect(d.progress(1)?.failedAttempts == 1)
            d.op(1, .now)
            #expect(d.progress(1)?.failedAttempts == 0)
        }
        #expect(d.status(1) == .running)
    }

    @Test func failuresAndTheDueTimeSurviveACrash() {
        d.ends(1, .failed("one"))
        d.wait(130)
        d.ends(1, .failed("two"))
        d.commit()
        d.crash()
        #expect(d.loads == [], "nothing was executing")
        #expect(d.now(d.wait(199)) == [])
        d.wait(61)
        #expect(d.later(d.answerLoads()) == ["start #1.1"])
        d.settle()
        d.ends(1, .failed("three"))
        #expect(d.status(1) == .paused)
    }

    @Test func giveUpWithoutReasonIsAFailure() {
        d.ends(1, .unwound)
        #expect(d.status(1) == .backingOff)
    }

    @Test func whatCannotBeExecutedPauses() {
        d.ends(1, .impossible("no such handler"))
        #expect(d.events == ["paused #1: no such handler"])
        #expect(d.now == ["end #1.1"])
    }

    @Test func aParkedAttemptThatEndsIsNotCountedAsParked() {
        d.op(1, .awakeable)
        d.op(1, .await(entry: 0))
        #expect(d.engine.parkedAttempts == 1)
        d.ends(1, .unwound)
        #expect(d.engine.parkedAttempts == 0 && d.engine.liveAttempts == 0)
    }
}
