import Foundation
import Simulation
import Testing

@Suite struct SmokeTests {
    @Test func look() {
        for seed in UInt64(0)..<40 {
            let t = Date()
            let run = SimulationRun(seed: seed)
            let again = SimulationRun(seed: seed)
            print(seed, run.figures.turns, run.figures.invocations, run.figures.crashes, run.figures.events, run.figures.answers, run.figures.simulatedMs / 1000, run.digest == again.digest, run.trace.last.map { "\($0)" } ?? "", Date().timeIntervalSince(t))
        }
    }
}
