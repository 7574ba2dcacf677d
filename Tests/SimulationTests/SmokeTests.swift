import Simulation
import Testing

@Suite struct SmokeTests {
    @Test func crashesAtRandomCommitsLoseNothing() {
        var crashes = 0
        for seed in UInt64(0)..<500 {
            let report = SmokeScenario.run(seed: seed)
            #expect(report.violations.isEmpty, "seed \(seed): \(report.violations.joined(separator: "; "))")
            crashes += report.crashes
        }
        #expect(crashes > 500, "the seeds must crash, or nothing is proven")
    }

    @Test func aCrashAtEachCommitLosesNothing() {
        var options = SmokeScenario.Options()
        options.requests = 6
        var commit = 0
        var crashed = true
        while crashed, commit < 200 {
            options.crashAtCommit = commit
            let report = SmokeScenario.run(seed: UInt64(commit), options: options)
            #expect(report.violations.isEmpty, "commit \(commit): \(report.violations.joined(separator: "; "))")
            crashed = report.crashes > 0
            commit += 1
        }
        #expect(commit > 10, "a run of six requests has more commits than that")
    }

    @Test func theSameSeedGivesTheSameRun() {
        for seed in UInt64(0)..<20 {
            #expect(SmokeScenario.run(seed: seed) == SmokeScenario.run(seed: seed))
        }
    }
}
