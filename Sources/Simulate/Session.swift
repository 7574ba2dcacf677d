import Simulation

/// Many seeds and what they had in them.
struct Session {
    private(set) var failure: Failure?
    private var coverage = Coverage()
    private var runs = 0
    private var failed = 0
    private var crashes: [Int] = []
    private var turns: [Int] = []
    private var invocations: [Int] = []
    private var simulatedHours: [Int] = []
    private let start = ContinuousClock.now

    /// A seed on which something is wrong.
    enum Failure {
        case broken(SimulationRun)
        case differs(UInt64)
        /// It has less in it than a seed must have.
        case meagre(UInt64, String)
    }

    mutating func add(_ run: SimulationRun, differs: Bool) {
        let figures = run.figures
        runs += 1
        coverage.add(figures)
        crashes.append(figures.crashes)
        turns.append(figures.turns)
        invocations.append(figures.invocations)
        simulatedHours.append(Int(figures.simulatedMs / 3_600_000))
        guard let wrong = Self.wrong(run, differs: differs) else { return }
        failed += 1
        // Only one is told; the traces of the others are not kept.
        if failure == nil { failure = wrong }
    }

    private static func wrong(_ run: SimulationRun, differs: Bool) -> Failure? {
        if !run.violations.isEmpty { return .broken(run) }
        if differs { return .differs(run.plan.seed) }
        return run.figures.shortage.map { .meagre(run.plan.seed, $0) }
    }

    /// Of few seeds nothing is expected.
    var hasGaps: Bool { runs >= 500 && !coverage.missing.isEmpty }

    func report() {
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        Report.say("\(runs) seeds in \(tenths(seconds)) s, \(tenths(Double(runs) / max(seconds, 0.001))) seeds/s")
        Report.say("of a seed            min   median      max       sum")
        Report.say(distribution("crashes", crashes))
        Report.say(distribution("turns", turns))
        Report.say(distribution("invocations", invocations))
        Report.say(distribution("simulated hours", simulatedHours))
        for group in Coverage.Group.allCases {
            let counts = coverage.counts(of: group).map { "\($0.kind) \($0.count)" }
            Report.say("\(group.rawValue): " + counts.joined(separator: ", "))
        }
        if hasGaps { Report.say("NEVER OCCURRED: " + coverage.missing.joined(separator: ", ")) }
    }

    /// The closing line, which `scripts/test` counts. A gap in what was covered is a failure of its own.
    func close() { Report.say("\(runs - failed) passed, \(failed + (hasGaps ? 1 : 0)) failed") }

    private func distribution(_ name: String, _ values: [Int]) -> String {
        let sorted = values.sorted()
        let middle = sorted.isEmpty ? 0 : sorted[sorted.count / 2]
        let figures = [sorted.first ?? 0, middle, sorted.last ?? 0, values.reduce(0, +)]
        return padded(name, 16) + figures.map { leftPadded("\($0)", 9) }.joined()
    }

    private func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    private func leftPadded(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(1, width - text.count)) + text
    }

    private func tenths(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }
}
