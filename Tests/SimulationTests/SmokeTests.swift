import DurableModel
import Foundation
import Simulation
import Testing

@Suite struct SmokeTests {
    @Test func look() {
        if let one = ProcessInfo.processInfo.environment["SEED"].flatMap(UInt64.init) {
            let world = World(SimulationPlan(seed: one))
            let trace = world.run()
            for e in trace.suffix(60) { if case .decided(let d) = e { print(d.wallMs % 100_000_000, d.input.map { "\($0)" }?.prefix(200) ?? "-", d.turn.mutations.count, d.turn.internalEffects.count, d.turn.loads) } else { print("\(e)".prefix(300)) } }
            for serial in world.disk.live { print(serial.rawValue, world.disk.invocations[serial]!, world.disk.journalEntries(of: serial)) }
            print(world.disk.timers)
            return
        }
        for seed in UInt64(0)..<UInt64(ProcessInfo.processInfo.environment["N"].flatMap(Int.init) ?? 200) {
            let t = Date()
            let run = SimulationRun(seed: seed)
            for v in run.violations.prefix(3) { print("VIOLATION", seed, v) }
            if run.figures.turns > 4000 || "\(run.trace.last!)".contains("isAtRest: false") || run.figures.crashes < 3 { print(seed, run.figures.turns, run.figures.invocations, run.figures.crashes, run.figures.events, run.figures.answers, run.figures.simulatedMs / 1000, run.trace.last.map { "\($0)" } ?? "", Date().timeIntervalSince(t)) }
        }
    }
}
