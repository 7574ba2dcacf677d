import Simulation
import Testing

/// A fixed set of seeds: a smoke version of what `scripts/simulate` does at length.
@Suite struct SeedTests {
    @Test(arguments: 0..<4) func noPromiseIsBroken(part: Int) {
        var coverage = Coverage()
        for seed in UInt64(part * 40)..<UInt64(part * 40 + 40) {
            let run = SimulationRun(seed: seed)
            #expect(run.violations.isEmpty, "seed \(seed): \(run.violations.prefix(3))")
            #expect(run.figures.shortage == nil, "seed \(seed): \(run.figures.shortage ?? "")")
            coverage.add(run.figures)
        }
        #expect(coverage.missing.isEmpty, "never occurred: \(coverage.missing)")
    }

    @Test func theSameSeedGivesTheSameTrace() {
        for seed in UInt64(1_000)..<1_020 {
            #expect(SimulationRun(seed: seed).digest == SimulationRun(seed: seed).digest, "seed \(seed)")
        }
        #expect(SimulationRun(seed: 1).digest != SimulationRun(seed: 2).digest)
    }
}
