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

    /// An order whose id came back when the engine had forgotten its workflow was paid again.
    @Test func anOrderThatComesBackIsNotPaidAgain() {
        for seed in UInt64(0)..<5 {
            var plan = SimulationPlan(seed: seed)
            plan.requests = requests(60, { "/order.sv1.OrderService/o\($0 % 6)/CreateOrder" }) { _ in Self.order }
            plan.faults = [20, 40, 60].map { PlannedFault(kind: .clockForward, afterInvocations: $0, dice: Self.aDay) }
            expectNoViolation(plan)
        }
    }

    /// Orders that people take back, call COMPLETED by hand, or cancel in the middle of anything, while the bank fails.
    @Test func ordersAreTakenBackWhole() {
        let verbs = ["CreateOrder", "CancelOrder", "CreateOrder", "UpdateOrderStatus"]
        for seed in UInt64(0)..<10 {
            var plan = SimulationPlan(seed: seed)
            plan.requests = requests(80, { "/order.sv1.OrderService/o\($0 / 3)/\(verbs[$0 % 4])" }) { number in
                ["CreateOrder": Self.order, "UpdateOrderStatus": "{\"status\":\"COMPLETED\"}"][verbs[number % 4]] ?? ""
            }
            plan.faults = cancellations(60)
            expectNoViolation(plan)
        }
    }

    /// Guests, reservations and seats that people cancel in the middle of anything.
    @Test func seatsSurviveCancellations() {
        for seed in UInt64(0)..<10 {
            var plan = SimulationPlan(seed: seed)
            let manners = ["confirm", "cancel", "leave", "waver"]
            plan.requests = requests(60, { _ in "/Usher/visit" }) { "\"A\($0 % 5) u \(manners[$0 % 4]) \($0 * 90)\"" }
            plan.faults = cancellations(60)
            expectNoViolation(plan)
        }
    }

    /// A reservation that begins and ends while somebody asks it about its hold was taken for one that is forgotten, and
    /// its confirmed seat given away.
    @Test func aSeatIsNotGivenAwayWhileItsReservationBegins() {
        expectNoViolation(SimulationPlan(seed: 3867))
    }

    /// Who asked a confirmed reservation, and was kept from going on until it was forgotten a day later, called it
    /// expired.
    @Test func aReservationThatIsForgottenMeanwhileIsNotExpired() {
        expectNoViolation(SimulationPlan(seed: 18992))
    }

    /// The simulated disk was full until a time of the clock, which somebody set back by an hour: longer than the world
    /// waits (seed 96461948326899). Disk and clients count in time that only passes.
    @Test func timeThatPassesIsNotSet() {
        let clock = SimulatedClock(nowMs: 10_000_000)
        clock.pass(ms: 5)
        clock.set(byMs: -3_600_000)
        #expect(clock.upMs == 5)
        clock.set(byMs: 90_000_000)
        clock.pass(ms: 2)
        #expect(clock.upMs == 7)
        #expect(clock.nowMs() == 10_000_000 - 3_600_000 + 90_000_000 + 7)
    }

    private static let order = "{\"customer_id\":\"c\",\"items\":[{\"product_id\":\"p\",\"quantity\":2}]}"

    /// Draws a jump of the clock by more than the engine remembers workflows.
    private static let aDay: UInt64 = {
        for dice in UInt64(0)... {
            var random = SeededRandom(seed: dice)
            if !random.chance(50), random.below(100_000_000) > 90_000_000 { return dice }
        }
        return 0
    }()

    private func cancellations(_ count: Int) -> [PlannedFault] {
        (0..<count).map { number in
            let kind: FaultKind = number % 5 == 0 ? .closuresFail : .cancel
            return PlannedFault(kind: kind, afterInvocations: number * 3, dice: UInt64(number * 13))
        }
    }

    private func requests(
        _ count: Int, _ path: (Int) -> String, _ body: (Int) -> String
    ) -> [PlannedRequest] {
        (0..<count).map { number in
            var request = PlannedRequest(path(number), body(number).isEmpty ? nil : body(number))
            request.isRead = true
            request.client = number % 8
            return request
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
