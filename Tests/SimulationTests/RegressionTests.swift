import Simulation
import Testing

/// What the simulation has found once must not come back. Each test is the world in which it was found, made narrow.
@Suite struct RegressionTests {
    /// An answer of a load that came twice was taken for the answer of the next load of the same entity: what had left
    /// memory in between came back as it had been, and a completed invocation was withdrawn or ran again.
    @Test func answersOfLoadsThatComeTwiceCountOnce() {
        for seed in UInt64(0)..<20 {
            var plan = SimulationPlan(seed: seed)
            plan.faults = (0..<20).map { PlannedFault(kind: .duplicates, afterInvocations: $0 * 10, dice: 0) }
            expectNoViolation(plan)
        }
    }

    /// What an invocation sent that was restarted as new with kept entries had the ids of what the old one had sent.
    @Test func whoIsRestartedWithKeptEntriesSendsUnderNewIDs() {
        for seed in UInt64(0)..<5 {
            var plan = SimulationPlan(seed: seed)
            plan.requests = requests(100, "/Teller/post") { "\"box-\($0 % 3) \($0) 900\"" }
            plan.faults = (0..<20).map {
                PlannedFault(kind: .restartAsNew, afterInvocations: $0 * 5, dice: 1 << 32 | UInt64($0 * 7))
            }
            expectNoViolation(plan)
        }
    }

    /// A cancellation that arrived while a compensating step backed off kept it from happening.
    @Test func whatIsUndoneIsUndoneInSpiteOfCancellation() {
        for seed in UInt64(0)..<10 {
            var plan = SimulationPlan(seed: seed)
            plan.requests = requests(60, "/Trip/book") { _ in "3" }
            plan.faults = (0..<40).map { number in
                let kind: FaultKind = number % 4 == 0 ? .closuresFail : .cancel
                return PlannedFault(kind: kind, afterInvocations: number, dice: UInt64(number * 11))
            }
            expectNoViolation(plan)
        }
    }

    private func requests(_ count: Int, _ path: String, _ body: (Int) -> String) -> [PlannedRequest] {
        (0..<count).map { number in
            var request = PlannedRequest(path, body(number))
            request.idempotencyKey = "k\(number)"
            request.client = number % 8
            return request
        }
    }

    private func expectNoViolation(_ plan: SimulationPlan) {
        let run = SimulationRun(plan)
        #expect(run.violations.isEmpty, "seed \(plan.seed): \(run.violations.prefix(2))")
    }
}
