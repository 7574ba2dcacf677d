import ArgumentParser
import Foundation
import Measuring

/// What becomes of the calls that a server takes while twice as many come as it can answer. Everything is measured in
/// one run and compared with itself: the machine may have other work.
struct OverloadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "overload",
        abstract: "Offers calls at the sustainable rate and at twice that; tells of it as JSON.",
        discussion: """
            A call of the default has three steps. One that costs little more than its refusal tells only what the \
            machine can carry: what twice as many of them take, refused or not, is more than two cores have.
            """)

    @Option(help: "The ingress of a server with REPRISE_BENCH_SERVICES=1, on 127.0.0.1.")
    var port: Int
    @Option(help: "What is called; {n} stands for one of two thousand numbers.")
    var path = "/BenchSteps/three"
    @Option(help: "The body of each call; none without it.")
    var body: String?
    @Option(help: "How long each rate is offered, in each of the rounds.")
    var seconds = 5.0
    @Option(help: "How often both rates take turns.")
    var rounds = 5
    @Option(help: "No more connections than these, at whatever rate.")
    var connections = 4_000

    private struct Side: Encodable {
        var asked = 0
        var answered = 0
        var refused = 0
        var failed = 0
        var unanswered = 0
        var connections = 0
        var p50Ms = 0.0
        var p99Ms = 0.0
        var refusalP50Ms = 0.0
        var refusalP99Ms = 0.0
    }

    private struct Findings: Encodable {
        var closedLoopPerSecond: Double
        var sustainablePerSecond: Double
        /// In so many the rate itself was not sustained: the next ones were offered less.
        var roundsSpoiled: Int
        /// p99 of who was admitted at twice the rate, by that at the rate itself: the median of the rounds, because a
        /// moment in which the machine does something else spoils one of them.
        var ratio: Double
        var once: Side
        var twice: Side
    }

    func run() throws {
        do {
            DescriptorLimit.raise()
            let requests = PreparedRequests(2_000) {
                PreparedRequests.post(path.replacingOccurrences(of: "{n}", with: "\($0)"), body: body)
            }
            let search = SustainableRate(
                port: port, connectionsMax: connections, requests: requests, seconds: seconds)
            let capacity = try search.closedLoopPerSecond()
            var rate = try search.find(from: capacity / 2)
            var once: [OpenLoop.Result] = []
            var twice: [OpenLoop.Result] = []
            var roundsSpoiled = 0
            while once.count < rounds {
                let offered = try search.offer(rate)
                guard search.isSustained(offered) else {
                    // Twice what is not sustained itself would be no fair question.
                    roundsSpoiled += 1
                    guard roundsSpoiled <= 2 * rounds else {
                        throw BenchFailure("no rate is sustained for long: the machine is too noisy to tell")
                    }
                    rate *= 0.95
                    continue
                }
                once.append(offered)
                twice.append(try search.offer(2 * rate))
            }
            let findings = Findings(
                closedLoopPerSecond: capacity, sustainablePerSecond: rate, roundsSpoiled: roundsSpoiled,
                ratio: Series(twice.map { $0.p99Ns() }).over(Series(once.map { $0.p99Ns() })).median,
                once: Self.side(once), twice: Self.side(twice))
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys]
            print(String(decoding: try encoder.encode(findings), as: UTF8.self))
        } catch let failure as BenchFailure {
            FileHandle.standardError.write(Data("bench: \(failure)\n".utf8))
            throw ExitCode(1)
        }
    }

    private static func side(_ results: [OpenLoop.Result]) -> Side {
        var side = Side()
        guard var admitted = results.first?.admitted, var refused = results.first?.refused else { return side }
        for result in results.dropFirst() {
            admitted.add(result.admitted)
            refused.add(result.refused)
        }
        for result in results {
            side.asked += result.due
            side.failed += result.failed
            side.unanswered += result.unanswered
            side.connections = max(side.connections, result.connections)
        }
        side.answered = Int(admitted.totalCount)
        side.refused = Int(refused.totalCount)
        side.p50Ms = Double(admitted.valueAtPercentile(50)) / 1e6
        side.p99Ms = Double(admitted.valueAtPercentile(99)) / 1e6
        side.refusalP50Ms = Double(refused.valueAtPercentile(50)) / 1e6
        side.refusalP99Ms = Double(refused.valueAtPercentile(99)) / 1e6
        return side
    }
}
