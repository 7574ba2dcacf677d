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
        package var commands: [String: Int] = [:]
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
        for event in trace {
            switch event {
            case .decided(let step):
                turns += 1
                simulatedMs = max(simulatedMs, step.wallMs - (firstMs ?? step.wallMs))
                firstMs = firstMs ?? step.wallMs
                count(step)
            case .crashed: crashes += 1
            case .stopped: restarts += 1
            case .committed: commits += 1
            case .answered: answers += 1
            case .closureBegan: closures += 1
            case .fault(let kind): faults[kind, default: 0] += 1
            default: break
            }
        }
    }

    private mutating func count(_ step: Decided) {
        for mutation in step.turn.mutations {
            switch mutation {
            case .insertInvocation: invocations += 1
            case .insertEntry(_, _, let entry): commands[entry.command.kind, default: 0] += 1
            default: break
            }
        }
        if case .command(let command, _, _) = step.input { commands[command.kind, default: 0] += 1 }
    }
}

