import ArgumentParser
import Foundation

/// What becomes of the calls that a server takes while twice as many come as it can answer. Everything is measured in
/// one run and compared with itself: the machine may have other work.
struct OverloadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "overload",
        abstract: "Offers the fixtures' counters the sustainable rate and twice that; tells of it as JSON.")

    @Option(help: "The ingress of a server with the fixtures, on 127.0.0.1.")
    var port: Int
    @Option(help: "How long each rate is offered, in each of the rounds.")
    var seconds = 5.0
    @Option(help: "How often both rates take turns.")
    var rounds = 2
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
        var once: Side
        var twice: Side
    }

    func run() throws {
        do {
            let capacity = try LoadGenerator(port: port, connections: 128, request: Self.request).run(seconds: seconds)
            let rate = try sustainableRate(below: capacity.perSecond)
            var once: [OpenLoop.Result] = []
            var twice: [OpenLoop.Result] = []
            for _ in 0..<rounds {
                once.append(try offer(rate))
                twice.append(try offer(2 * rate))
            }
            let findings = Findings(
                closedLoopPerSecond: capacity.perSecond, sustainablePerSecond: rate,
                once: Self.side(once), twice: Self.side(twice))
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys]
            print(String(decoding: try encoder.encode(findings), as: UTF8.self))
        } catch let failure as BenchFailure {
            FileHandle.standardError.write(Data("bench: \(failure)\n".utf8))
            throw ExitCode(1)
        }
    }

    /// The highest of some shares of `capacity` at which every call is taken and answered without a queue that grows.
    private func sustainableRate(below capacity: Double) throws -> Double {
        for share in stride(from: 0.95, through: 0.2, by: -0.1) {
            let result = try offer(capacity * share)
            let answered = Int(result.admitted.totalCount)
            if answered == result.due, result.admitted.valueAtPercentile(99) < 100_000_000 { return capacity * share }
        }
        throw BenchFailure("no rate is sustainable")
    }

    private func offer(_ rate: Double) throws -> OpenLoop.Result {
        try OpenLoop(port: port, perSecond: rate, connectionsMax: connections, request: Self.request)
            .run(seconds: seconds, warmUp: seconds / 5)
    }

    private static func request(_ number: Int) -> [UInt8] {
        LoadGenerator.post("/Counter/load-\(number % 2_000)/add", body: "1")
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
