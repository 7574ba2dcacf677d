import EngineCore
import Simulation
import Testing

/// The simulation bites: each planted defect is found within a thousand seeds.
@Suite struct PlantedBugTests {
    #if DEBUG
        @Test(arguments: PlantedBug.allCases) func isFound(bug: PlantedBug) {
            for seed in UInt64(0)..<1_000 {
                var plan = SimulationPlan(seed: seed)
                plan.limits.plantedBug = bug
                let run = SimulationRun(plan)
                guard let violation = run.violations.first else { continue }
                print("\(bug) on seed \(seed): \(violation.promise): \(violation.message)")
                return
            }
            Issue.record("\(bug) is not found")
        }
    #endif
}
