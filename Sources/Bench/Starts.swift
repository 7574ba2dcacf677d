import Foundation
import Measuring

/// What sleeping invocations cost: memory, and time to start.
struct Starts {
    let folder: URL
    let pending: Int

    func run(_ report: inout Report) async throws {
        report.heading("Start, and invocations that sleep")
        let server = try ServerProcess(in: folder)
        defer { server.remove() }
        try await server.start()
        report.add(once("start on an empty directory", server.startMs, "ms", .atMost(200, goal: 50)))
        let load = LoadGenerator(
            port: server.ingressPort, connections: 64,
            requests: PreparedRequests(PreparedRequests.post("/BenchSleep/wake/send?delay=10h")))
        func create(_ count: Int) throws {
            let result = try load.run(count: count)
            guard result.failures == 0 else { throw BenchFailure("a delayed send was refused") }
        }
        // The first half fills what does not grow any more: SQLite's page cache, buffers.
        try create(pending / 2)
        let before = server.memory().now
        try create(pending - pending / 2)
        let memory = server.memory()
        report.line(
            "sleeping invocations", "\(pending), memory \(memory.now >> 20) MiB, peak \(memory.peak >> 20) MiB")
        let each = Double(memory.now - before) / Double(max(1, pending - pending / 2))
        report.add(once("memory per sleeping invocation", each, "bytes", .atMost(300, goal: 64)))
        server.stop()
        try await server.start()
        let perMillion = server.startMs / 1000 / max(Double(pending) / 1e6, 1e-9)
        report.add(once("start, per million pending", perMillion, "s", .atMost(10, goal: 1)))
    }

    private func once(_ name: String, _ value: Double, _ unit: String, _ level: Level) -> Figure {
        Figure(name, Series([value]), unit: unit, level: level)
    }
}
