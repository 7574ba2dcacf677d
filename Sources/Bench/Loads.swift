import Foundation
import Histogram
import Measuring

/// Few and many callers, with the server's own health route beside what is durable.
struct Loads {
    let folder: URL
    let rounds: Int
    let seconds: Double

    private struct Contestant {
        let name: String
        let requests: PreparedRequests
        var rates = Series()
        var latencies = Histogram<UInt64>(numberOfSignificantValueDigits: .three)
        var seconds = 0.0
        var commits = 0.0
        var turns = 0.0
    }

    func run(_ report: inout Report) async throws {
        for connections in [1, 64, 256] {
            let callers = connections == 1 ? "1 connection" : "\(connections) connections"
            report.heading(callers)
            let contestants = try await measure(connections)
            for contestant in contestants { report.line(contestant.name, Self.details(contestant)) }
            for (index, contestant) in contestants.enumerated() {
                let rival = index == 0 ? nil : Figure.Rival(contestants[0].name, contestants[0].rates)
                report.add(Figure("\(contestant.name), \(callers)", contestant.rates, unit: "/s", against: rival))
            }
        }
    }

    private func measure(_ connections: Int) async throws -> [Contestant] {
        let server = try ServerProcess(in: folder)
        defer { server.remove() }
        try await server.start()
        var contestants = [
            Contestant(name: "health route", requests: PreparedRequests(PreparedRequests.get("/restate/health"))),
            Contestant(name: "durable object call", requests: .counterCalls(keys: 1_000)),
            Contestant(
                name: "three-step workflow", requests: PreparedRequests(PreparedRequests.post("/BenchSteps/three"))),
        ]
        for round in 0...rounds {
            for index in contestants.indices {
                try measure(&contestants[index], server, connections, isWarmUp: round == 0)
            }
        }
        return contestants
    }

    private func measure(
        _ contestant: inout Contestant, _ server: ServerProcess, _ connections: Int, isWarmUp: Bool
    ) throws {
        let load = LoadGenerator(port: server.ingressPort, connections: connections, requests: contestant.requests)
        let before = (server.metric("reprise_commits_total"), server.metric("reprise_turns_total"))
        let result = try load.run(seconds: isWarmUp ? 0.5 : seconds)
        guard result.failures == 0 else {
            throw BenchFailure("\(contestant.name): \(result.failures) of \(result.requests) were no success")
        }
        guard !isWarmUp else { return }
        contestant.rates.append(result.perSecond)
        contestant.latencies.add(result.latencies)
        contestant.seconds += result.seconds
        contestant.commits += server.metric("reprise_commits_total") - before.0
        contestant.turns += server.metric("reprise_turns_total") - before.1
    }

    private static func details(_ contestant: Contestant) -> String {
        var text = Report.percentiles(contestant.latencies)
        if contestant.commits > contestant.seconds {
            text += String(
                format: "  commits %.0f/s, %.1f turns each", contestant.commits / contestant.seconds,
                contestant.turns / contestant.commits)
        }
        return text
    }
}
