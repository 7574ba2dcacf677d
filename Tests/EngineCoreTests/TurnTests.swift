import DurableModel
import EngineCore
import Testing

/// A turn is decided in the memory of one that is done with.
@Suite struct TurnTests {
    let d = Driver()

    /// Decides something of every kind, a turn for each.
    func turns() -> [Turn] {
        let accepted = d.call(.add("a"))
        let asked = d.op(1, .getState("n"))
        d.answerLoads()
        let said = d.op(1, .log(LoggedLine(level: "info", message: "here")))
        let failed = d.ends(1, .failed("no"))
        return [accepted, asked, said, failed]
    }

    @Test func nothingOfItIsInTheNext() {
        for turn in turns() {
            #expect(turn != Turn(number: turn.number))
            d.engine.takeBack(turn)
            // Tells nothing new, so it decides nothing.
            let next = d.step(.durable(turn: 0))
            #expect(next == Turn(number: next.number))
        }
    }

    @Test func whoKeepsItHasItAsItWas() {
        let kept = turns()
        #expect(kept[0].mutations.count > 0 && kept[0].internalEffects.count == 1)
        #expect(kept[1].loads == [.object(ObjectID(service: "Counter", key: "a"))])
        #expect(kept[2].externalEffects.count == 1)
        #expect(kept[3].events.count == 1)
    }
}
