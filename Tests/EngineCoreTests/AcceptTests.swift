import DurableModel
import EngineCore
import Testing

/// From a request to its answer, and what repeated requests meet.
@Suite struct AcceptTests {
    let d = Driver()

    @Test func aCallRunsAtOnceAndIsAnsweredOnceDurable() {
        #expect(d.words.now(d.call(.greet)) == ["start #1.1"])
        #expect(d.rows == ["serialCeiling = 100001", "new #1 running"])
        #expect(d.commit() == [])
        #expect(d.words.later(d.returns(1, "hi")) == ["answer c1 #1 ok hi"])
        #expect(d.rows == ["#1 completed"])
        #expect(d.commit() == ["answer c1 #1 ok hi"])
    }

    @Test func aSendIsAnsweredOnAcceptance() {
        #expect(d.words.now(d.send(.greet)) == ["start #1.1"])
        #expect(d.later == ["answer c1 accepted #1"])
        #expect(d.words.later(d.returns(1, "hi")) == [])
        #expect(d.commit() == ["answer c1 accepted #1"])
    }
}
