import Simulation

/// Many seeds and what they had in them.
struct Session {
    let runsTwice: Bool
    private(set) var failure: Failure?
    private var coverage = Coverage()
    private var runs = 0
    private var crashes: [Int] = []
    private var turns: [Int] = []
    private var invocations: [Int] = []
    private var simulatedHours: [Int] = []
    private let start = ContinuousClock.now

    /// A seed on which something is wrong.
    enum Failure {
        case broken(SimulationRun)
        case differs(UInt64)
    }

    init(runsTwice: Bool) { self.runsTwice = runsTwice }

    mutating func run(_ seed: UInt64) {
        // Before it runs: should it trap, this is the seed to replay.
        Report.say("seed \(seed)", inPlace: true)
        let run = SimulationRun(seed: seed)
        runs += 1
        coverage.add(run.figures)
        crashes.append(run.figures.crashes)
        turns.append(run.figures.turns)
        invocations.append(run.figures.invocations)
        simulatedHours.append(Int(run.figures.simulatedMs / 3_600_000))
        if !run.violations.isEmpty {
            failure = .broken(run)
        } else if runsTwice, SimulationRun(seed: seed).digest != run.digest {
            failure = .differs(seed)
        }
    }

    /// Of few seeds nothing is expected.
    var hasGaps: Bool { runs >= 100 && !coverage.missing.isEmpty }

    func report() {
        let elapsed = ContinuousClock.now - start
        let seconds = elapsed / .seconds(1)
        Report.say("\(runs) seeds in \(tenths(seconds)) s, \(tenths(Double(runs) / max(seconds, 0.001))) seeds/s")
        Report.say("of a seed            min   median      max      sum")
        Report.say(distribution("crashes", crashes))
        Report.say(distribution("turns", turns))
        Report.say(distribution("invocations", invocations))
        Report.say(distribution("simulated hours", simulatedHours))
        let faults = FaultKind.allCases.map { "\($0.rawValue) \(coverage.faults[$0] ?? 0)" }
        Report.say("faults: " + faults.joined(separator: ", "))
        let commands = Coverage.commandFloor.map { "\($0) \(coverage.commands[$0] ?? 0)" }
        Report.say("commands: " + commands.joined(separator: ", "))
        if hasGaps { Report.say("NEVER OCCURRED: " + coverage.missing.joined(separator: ", ")) }
    }

    private func distribution(_ name: String, _ values: [Int]) -> String {
        let sorted = values.sorted()
        let figures = [sorted.first ?? 0, sorted.isEmpty ? 0 : sorted[sorted.count / 2], sorted.last ?? 0,
            values.reduce(0, +)]
        return padded(name, 16) + figures.map { String(repeating: " ", count: max(1, 9 - "\($0)".count)) + "\($0)" }.joined()
    }

    private func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    private func tenths(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }
}
