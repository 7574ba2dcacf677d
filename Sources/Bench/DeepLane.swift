import Foundation
import Measuring

/// One key behind which a great many invocations queue: what one more costs when the queue is short and when it is
/// deep, how fast it empties in the beginning and at the end, and whether each was executed once.
struct DeepLane {
    let folder: URL
    let rounds: Int
    let depth: Int

    private struct Found {
        /// In microseconds for each invocation: the first tenth and the last.
        var enqueued = (first: 0.0, last: 0.0)
        var processor = (first: 0.0, last: 0.0)
        var drained = (first: 0.0, last: 0.0)
    }

    private static let patienceSeconds = 600.0

    func run(_ report: inout Report) async throws {
        report.heading("\(depth) invocations queue behind one")
        var found: [Found] = []
        for _ in 0..<rounds { found.append(try await measure(&report)) }
        func add(_ name: String, _ of: (Found) -> (first: Double, last: Double), level: Level?) {
            report.add(
                Figure(
                    "\(name), last tenth of \(Amount.number(Double(depth)))", Series(found.map { of($0).last }),
                    unit: "us", against: .init("first tenth", Series(found.map { of($0).first })), level: level))
        }
        add("queueing of one in a lane", { $0.enqueued }, level: .atMost(1.5, goal: 1.2))
        add("queueing of one in a lane, processor time", { $0.processor }, level: nil)
        add("execution of one of a lane", { $0.drained }, level: .atMost(1.5, goal: 1.2))
    }

    private func measure(_ report: inout Report) async throws -> Found {
        let server = try ServerProcess.inMemory(or: folder)
        defer { server.remove() }
        try await server.start()
        // A cold server's first requests are the slow ones, whatever the queue is.
        _ = try LoadGenerator(port: server.ingressPort, connections: 64, requests: .counterCalls(keys: 1_000))
            .run(count: depth / 5)
        _ = try server.answer("/BenchCounter/lane/hold/send", body: "\"gate\"")
        var found = Found()
        let load = LoadGenerator(
            port: server.ingressPort, connections: 64,
            requests: PreparedRequests(PreparedRequests.post("/BenchCounter/lane/add/send", body: "1")))
        for tenth in 0..<10 {
            let before = server.processorMicroseconds
            let result = try load.run(count: depth / 10)
            guard result.failures == 0 else { throw BenchFailure("a deep lane refused \(result.failures)") }
            let each = result.seconds * 1e6 / Double(result.requests)
            let processor = (server.processorMicroseconds - before) / Double(result.requests)
            if tenth == 0 { (found.enqueued.first, found.processor.first) = (each, processor) }
            if tenth == 9 { (found.enqueued.last, found.processor.last) = (each, processor) }
        }
        found.drained = try drain(server)
        // It comes after all others of its key: had one been lost or executed twice, the sum would tell.
        let sum = try server.answer("/BenchCounter/lane/add", body: "0")
        guard sum == String(depth) else { throw BenchFailure("\(depth) invocations added \(sum)") }
        report.line("each executed exactly once", "the sum is \(sum)")
        return found
    }

    private func drain(_ server: ServerProcess) throws -> (first: Double, last: Double) {
        let sums = try server.answer("/BenchCounter/lane/sum")
        guard sums == "0" else { throw BenchFailure("the lane's key was not held: \(sums)") }
        let start = MonotonicClock.nowNs()
        // Seconds since then, and how many had been executed.
        var seen = [(seconds: 0.0, count: 0)]
        _ = try server.answer("/BenchGate/gate/open")
        while true {
            let count = Int(try server.answer("/BenchCounter/lane/sum")) ?? 0
            let seconds = Double(MonotonicClock.nowNs() - start) / 1e9
            guard seconds < Self.patienceSeconds else { throw BenchFailure("\(count) of \(depth) were executed") }
            // Without the time in which the gate opened.
            if count == 0 { seen = [(seconds, 0)] } else { seen.append((seconds, count)) }
            if count >= depth { break }
            usleep(2_000)
        }
        func moment(of count: Int) -> Double {
            guard let after = seen.firstIndex(where: { $0.count >= count }), after > 0 else { return seen[0].seconds }
            let (from, to) = (seen[after - 1], seen[after])
            let share = Double(count - from.count) / Double(to.count - from.count)
            return from.seconds + share * (to.seconds - from.seconds)
        }
        let tenth = depth / 10
        let perCall = 1e6 / Double(tenth)
        return (moment(of: tenth) * perCall - seen[0].seconds * perCall,
            (moment(of: depth) - moment(of: depth - tenth)) * perCall)
    }
}
