import Simulation
import Testing

/// A fixed set of seeds: a smoke version of what `scripts/simulate` does at length.
@Suite struct SeedTests {
    @Test func noPromiseIsBroken() async {
        var coverage = Coverage()
        await withTaskGroup(of: [SimulationRun.Figures].self) { group in
            for part in UInt64(0)..<4 {
                group.addTask {
                    (part * 25..<part * 25 + 25).map { seed in
                        let run = SimulationRun(seed: seed)
                        #expect(run.violations.isEmpty, "seed \(seed): \(run.violations.prefix(3))")
                        #expect(run.figures.shortage == nil, "seed \(seed)")
                        return run.figures
                    }
                }
            }
            for await figures in group { figures.forEach { coverage.add($0) } }
        }
        // What nobody plans needs more seeds than these.
        let groups: [Coverage.Group] = [.faults, .operations, .commands]
        for group in groups {
            for (kind, count) in coverage.counts(of: group) { #expect(count > 0, "\(group.rawValue) \(kind)") }
        }
    }

    @Test func theSameSeedGivesTheSameTrace() {
        for seed in UInt64(1_000)..<1_010 {
            #expect(SimulationRun(seed: seed).digest == SimulationRun(seed: seed).digest, "seed \(seed)")
        }
        #expect(SimulationRun(seed: 1).digest != SimulationRun(seed: 2).digest)
    }
}
