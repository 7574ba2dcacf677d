import ArgumentParser
import Simulation

/// Runs the production runtime in a fake world, seed after seed, and says where a promise is broken.
@main
struct Simulate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Runs the server in a simulated world of crashes, bad disks and jumping clocks.",
        discussion: """
            Without options a thousand seeds from 0 on. A seed decides everything: the same seed replays the same run, \
            event by event.
            """)

    @Option(help: "Run this seed only, and tell what happened if a promise is broken.")
    var seed: UInt64?

    @Option(help: "Run the seeds A..B, B included.")
    var seeds: SeedRange?

    @Option(help: "Run fresh seeds for so many minutes.")
    var minutes: Double?

    @Flag(help: "Run each seed twice and compare the digests of the traces.")
    var twice = false

    @Flag(inversion: .prefixedNo, help: "Look for a smaller plan that breaks the same promise.")
    var shrink = true

    @Flag(help: "Print the whole trace in words (with --seed).")
    var trace = false

    func validate() throws {
        guard [seed != nil, seeds != nil, minutes != nil].count(where: { $0 }) <= 1 else {
            throw ValidationError("give one of --seed, --seeds and --minutes")
        }
    }

    func run() throws {
        TrapNotice.install()
        let session = workers().run()
        if let seed, trace { tell(seed) }
        session.report()
        if let failure = session.failure { Report.explain(failure, shrinks: shrink) }
        session.close()
        if session.failure != nil { throw ExitCode.failure }
        if session.hasGaps { throw ExitCode(2) }
    }

    /// Says first which seeds it is about.
    private func workers() -> Workers {
        if let seed {
            Report.say("seed \(seed)")
            return Workers(from: seed, through: seed, runsTwice: twice)
        }
        if let minutes {
            let first = UInt64.random(in: 0..<(1 << 48))
            Report.say("fresh seeds from \(first) on, for \(minutes) minutes")
            return Workers(
                from: first, through: .max, until: .now + .seconds(minutes * 60), runsTwice: twice)
        }
        let range = seeds ?? SeedRange(first: 0, last: 999)
        Report.say("seeds \(range.first) to \(range.last)")
        return Workers(from: range.first, through: range.last, runsTwice: twice)
    }

    private func tell(_ seed: UInt64) {
        for (position, event) in SimulationRun(seed: seed).trace.enumerated() {
            Report.say("\(position) \(TraceWords.text(event))")
        }
    }
}

/// `A..B`
struct SeedRange: ExpressibleByArgument {
    let first: UInt64
    let last: UInt64

    init(first: UInt64, last: UInt64) {
        self.first = first
        self.last = last
    }

    init?(argument: String) {
        let parts = argument.split(separator: ".", omittingEmptySubsequences: true)
        guard parts.count == 2, let first = UInt64(parts[0]), let last = UInt64(parts[1]), first <= last else {
            return nil
        }
        self.init(first: first, last: last)
    }
}
