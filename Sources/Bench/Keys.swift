import Foundation
import Measuring

/// What the number of keys does to the rate: all calls under one, under a thousand, under ten thousand.
struct Keys {
    let folder: URL
    let rounds: Int
    let seconds: Double

    func run(_ report: inout Report) async throws {
        let server = try ServerProcess(in: folder)
        defer { server.remove() }
        try await server.start()
        let loads = [1, 1_000, 10_000].map { keys in
            LoadGenerator(port: server.ingressPort, connections: 64, requests: .counterCalls(keys: keys))
        }
        // Every key once: what is measured is no first visit.
        for load in loads { _ = try load.run(count: 10_000) }
        var rates = loads.map { _ in Series() }
        for _ in 0..<rounds {
            for (index, load) in loads.enumerated() {
                let result = try load.run(seconds: seconds)
                guard result.failures == 0 else { throw BenchFailure("keys: answers were no success") }
                rates[index].append(result.perSecond)
            }
        }
        report.heading("Keys, 64 connections")
        report.add(Figure("calls of one hot key", rates[0], unit: "/s", level: .atLeast(3_000)))
        report.add(
            Figure(
                "calls of 10,000 keys", rates[2], unit: "/s", against: .init("of 1,000 keys", rates[1]),
                level: .atLeast(0.8, goal: 0.95)))
    }
}
