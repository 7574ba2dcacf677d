import Simulation
import Testing

/// What the simulation has found once must not come back.
@Suite struct RegressionTests {
    /// An answer of a load that came twice was taken for the answer of the next load of the same entity: what had left
    /// memory in between came back as it had been, and a completed invocation was withdrawn or ran again.
    @Test func answersOfLoadsThatComeTwiceCountOnce() {
        for seed in UInt64(0)..<40 {
            var plan = SimulationPlan(seed: seed)
            plan.faults = (0..<20).map { PlannedFault(kind: .duplicates, afterInvocations: $0 * 10, dice: 0) }
            let run = SimulationRun(plan)
            #expect(run.violations.isEmpty, "seed \(seed): \(run.violations.prefix(2))")
        }
    }
}
