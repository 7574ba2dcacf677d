import Foundation
import Measuring

/// What an entry of a journal costs when up to 10,000 came before it. In memory: the disk's moods would hide it.
struct StepCosts {
    let folder: URL
    let rounds: Int

    func run(_ report: inout Report) async throws {
        report.heading("Late and early entries of one journal")
        let server = try ServerProcess.inMemory(or: folder)
        defer { server.remove() }
        try await server.start()
        try steps(server, &report)
        for (handler, what) in [("replay", "a replayed entry"), ("fanOut", "a call of a fan-out")] {
            _ = try microsecondsEach(handler, 1_000, server)
            var (early, late) = (Series(), Series())
            for _ in 0..<rounds {
                early.append(try microsecondsEach(handler, 1_000, server))
                late.append(try microsecondsEach(handler, 10_000, server))
            }
            // A cost that grew with each of them would make the mean of 10,000 ten times the mean of 1,000.
            report.add(
                Figure(
                    "\(what), of 10,000", late, unit: "us", against: .init("of 1,000", early),
                    level: .atMost(2, goal: 1.2)))
        }
    }

    /// Each by itself, as the handler sees it: a mean of the whole run would hide what the last ones cost behind the
    /// first.
    private func steps(_ server: ServerProcess, _ report: inout Report) throws {
        var (early, late) = (Series(), Series())
        for round in 0...rounds {
            let answer = try server.answer("/BenchSteps/pace", body: "10000")
            let times = answer.split { !$0.isNumber }.compactMap { Double($0) }
            guard times.count == 10_000 else { throw BenchFailure("of 10,000 steps \(times.count) were told") }
            guard round > 0 else { continue }
            // The first few also pay for the invocation's begin.
            early.append(Series(Array(times[5..<105])).median / 1000)
            late.append(Series(Array(times.suffix(100))).median / 1000)
        }
        report.add(
            Figure("step 10,000 of a run", late, unit: "us", against: .init("step 10", early), level: .atMost(1.2)))
    }

    private func microsecondsEach(_ handler: String, _ count: Int, _ server: ServerProcess) throws -> Double {
        let start = MonotonicClock.nowNs()
        _ = try server.answer("/BenchSteps/\(handler)", body: String(count))
        return Double(MonotonicClock.nowNs() - start) / 1000 / Double(count)
    }
}
