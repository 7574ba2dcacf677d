import DurableModel

/// One seed, from its plan to the verdict.
package struct SimulationRun: Sendable {
    package var plan: SimulationPlan
    package var digest: UInt64
    package var violations: [Violation]
    package var figures: Figures
    package var trace: Trace

    package struct Figures: Sendable, Equatable {
        package var events = 0
        package var turns = 0
        package var invocations = 0
        package var crashes = 0
        package var restarts = 0
        package var commits = 0
        package var answers = 0
        package var closures = 0
        package var simulatedMs: Int64 = 0
        package var faults: [FaultKind: Int] = [:]
        /// How often each kind of thing has occurred.
        package var occurrences: [Coverage.Group: [String: Int]] = [:]

        /// What a seed must have in it; nil when it has.
        package var shortage: String? {
            if invocations < 200 { return "only \(invocations) invocations" }
            if crashes < 3 { return "only \(crashes) crashes" }
            let others = faults.keys.count { !$0.isCrash }
            return others < 3 ? "only \(others) kinds of faults besides crashes" : nil
        }
    }

    package init(seed: UInt64) { self.init(SimulationPlan(seed: seed)) }

    package init(_ plan: SimulationPlan) {
        self.plan = plan
        let world = World(plan)
        trace = world.run()
        digest = TraceDigest.of(trace)
        violations = Judge.violations(of: trace, Judge.everything(), History(limits: plan.limits))
        figures = Figures(trace)
    }
}

extension SimulationRun.Figures {
    init(_ trace: Trace) {
        events = trace.count
        var firstMs: Int64?
        var incidents = IncidentCounter()
        for event in trace {
            incidents.count(event)
            switch event {
            case .decided(let step):
                turns += 1
                simulatedMs = max(simulatedMs, step.wallMs - (firstMs ?? step.wallMs))
                firstMs = firstMs ?? step.wallMs
                count(step)
            case .crashed: crashes += 1
            case .stopped: restarts += 1
            case .committed: commits += 1
            case .performed(.answer(.steered(let result)), _): note(result.kind, .steerings)
            case .answered(_, let answer):
                answers += 1
                note("\(answer.status)", .statuses)
            case .closureBegan: closures += 1
            case .fault(let kind):
                faults[kind, default: 0] += 1
                note(kind.rawValue, .faults)
            default: break
            }
        }
        for (incident, count) in incidents.counts { occurrences[.incidents, default: [:]][incident.rawValue] = count }
    }

    private mutating func note(_ kind: String, _ group: Coverage.Group) {
        occurrences[group, default: [:]][kind, default: 0] += 1
    }

    private mutating func count(_ step: Decided) {
        for case .insertInvocation(_, let record) in step.turn.mutations {
            invocations += 1
            note("\(record.acceptance.target.service)/\(record.acceptance.target.handler)", .systems)
        }
        switch step.input {
        case .operation(_, let operation): note(operation.kind, .operations)
        case .command(let command, _, _): note(command.kind, .commands)
        default: break
        }
    }
}
