import Foundation
import Measuring

/// What a caller waits for three steps, against what the disk takes for six syncs. The disk wanders from minute to
/// minute, so it is asked in the same folder before and after each short piece of load.
struct StepBudget {
    let folder: URL
    let rounds: Int
    let seconds: Double

    func run(_ report: inout Report) async throws {
        let server = try ServerProcess(in: folder)
        defer { server.remove() }
        try await server.start()
        let load = LoadGenerator(
            port: server.ingressPort, connections: 1,
            requests: PreparedRequests(PreparedRequests.post("/BenchSteps/three")))
        _ = try load.run(seconds: 0.5)
        var (workflows, budgets) = (Series(), Series())
        var before = try DiskProbe(in: server.directory, syncs: 100).p50Ms
        for _ in 0..<rounds {
            let result = try load.run(seconds: seconds)
            guard result.failures == 0 else { throw BenchFailure("three steps: answers were no success") }
            let after = try DiskProbe(in: server.directory, syncs: 100).p50Ms
            workflows.append(result.milliseconds(at: 50))
            budgets.append(6 * min(before, after) + 0.3)
            report.sawDisk(p50Ms: after)
            before = after
        }
        report.heading("Three steps, one caller, with the disk asked in between")
        // The first level was 10 times the disk's own sync and half a millisecond: as much more as 10 is than 6.
        report.add(
            Figure(
                "three-step workflow, one caller, p50", workflows, unit: "ms",
                against: .init("6 x fdatasync + 0.3 ms", budgets), level: .atMost(10.0 / 6, goal: 1)))
    }
}
