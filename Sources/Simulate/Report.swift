import Foundation
import Simulation

/// What people read.
enum Report {
    private static let isTerminal = isatty(1) == 1

    /// `inPlace` lines replace each other on a terminal and are left out of files.
    static func say(_ line: String, inPlace: Bool = false) {
        if inPlace {
            guard isTerminal else { return }
            write("\r\(line)   \r")
        } else {
            write(line + "\n")
        }
    }

    private static func write(_ text: String) { try? FileHandle.standardOutput.write(contentsOf: Data(text.utf8)) }

    static func explain(_ failure: Session.Failure, shrinks: Bool) {
        switch failure {
        case .differs(let seed):
            say("FAILED: seed \(seed) does not run alike twice")
        case .meagre(let seed, let shortage):
            say("FAILED: seed \(seed) has too little in it: \(shortage)")
        case .broken(let run):
            let seed = run.plan.seed
            say("FAILED: seed \(seed), replay with: scripts/simulate --seed \(seed)")
            for violation in run.violations.prefix(5) { say("  \(violation.promise): \(violation.message)") }
            guard let first = run.violations.first else { return }
            tell(shrinks ? shrunk(run, first.promise) : run, first.promise)
        }
    }

    private static func shrunk(_ run: SimulationRun, _ promise: String) -> SimulationRun {
        let plan = Shrinker.shrink(run.plan, promise: promise)
        say("shrunk from \(run.plan.size) requests and faults to \(plan.size):")
        for request in plan.requests { say("  client \(request.client): \(request.path) \(request.body ?? "")") }
        for fault in plan.faults { say("  \(fault.kind.rawValue) after \(fault.afterInvocations) invocations") }
        return SimulationRun(plan)
    }

    private static func tell(_ run: SimulationRun, _ promise: String) {
        guard let violation = run.violations.first(where: { $0.promise == promise }) else { return }
        say("\(violation.promise): \(violation.message)")
        for line in TraceWords.around(violation.event, of: run.trace) { say(line) }
    }
}
