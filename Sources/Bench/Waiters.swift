import Foundation
import Glibc
import Measuring

/// A great many connections attach to one invocation; when it ends, each of them gets its answer.
struct Waiters {
    let folder: URL
    let rounds: Int

    private struct Found {
        /// Since the end was asked for.
        var firstMs = 0.0
        var lastMs = 0.0

        func spreadUs(_ count: Int) -> Double { (lastMs - firstMs) * 1000 / Double(count) }
    }

    private static let few = 1_000
    private static let many = 10_000
    /// Descriptors that either side needs for other things.
    private static let reserve = 600

    func run(_ report: inout Report) async throws {
        let many = min(Self.many, DescriptorLimit.raise() - Self.reserve)
        guard many > 2 * Self.few else { throw BenchFailure("ulimit -Hn is too low for waiters") }
        let server = try ServerProcess.inMemory(or: folder, flags: ["--connections-max", String(many + 100)])
        defer { server.remove() }
        try await server.start()
        var (first, last, spread, rival) = (Series(), Series(), Series(), Series())
        // The first round is not counted: memory for ten thousand has to be found once.
        for round in 0...rounds {
            let some = try measure(Self.few, server, "few-\(round)")
            let found = try measure(many, server, "many-\(round)")
            guard round > 0 else { continue }
            first.append(found.firstMs)
            last.append(found.lastMs)
            spread.append(found.spreadUs(many))
            rival.append(some.spreadUs(Self.few))
        }
        let count = Amount.number(Double(many))
        report.heading("\(count) connections attach to one invocation; all were answered")
        report.add(Figure("from its end to the first of \(count) waiters", first, unit: "ms"))
        report.add(Figure("from its end to the last of \(count) waiters", last, unit: "ms"))
        report.add(
            Figure(
                "answer to one of \(count) waiters", spread, unit: "us", against: .init("of 1,000", rival),
                level: .atMost(1.5, goal: 1.2)))
    }

    private func measure(_ count: Int, _ server: ServerProcess, _ key: String) throws -> Found {
        _ = try server.answer("/BenchGate/\(key)/run/send")
        let crowd = try Crowd(
            count, port: server.ingressPort, PreparedRequests.get("/restate/workflow/BenchGate/\(key)/attach"))
        try crowd.settle()
        let start = MonotonicClock.nowNs()
        let times = try crowd.answersAfter(PreparedRequests.post("/BenchGate/\(key)/open"))
        return Found(firstMs: Double(times.first - start) / 1e6, lastMs: Double(times.last - start) / 1e6)
    }
}

/// Connections that all ask the same and wait.
private final class Crowd {
    private let request: PreparedRequests
    private let ready: ReadySockets
    private let port: Int
    private var waiting: [KeptConnection] = []
    private let buffer = UnsafeMutableRawBufferPointer.allocate(
        byteCount: KeptConnection.bufferBytes, alignment: 64)

    init(_ count: Int, port: Int, _ request: [UInt8]) throws {
        self.request = PreparedRequests(request)
        self.port = port
        ready = try ReadySockets()
        for slot in 0..<count {
            waiting.append(try KeptConnection(port: port))
            try ready.watch(waiting[slot].descriptor, as: slot)
            try self.request.send(0, on: &waiting[slot], atNs: 0)
            // No faster than a server can take them that calls more than it can take an overload.
            if slot % 100 == 99 { _ = try askAgainIfRefused(forMs: 2) }
        }
    }

    deinit {
        for connection in waiting { close(connection.descriptor) }
        buffer.deallocate()
    }

    /// Until all wait: nobody was refused for a while.
    func settle() throws {
        for _ in 0..<60 where try askAgainIfRefused(forMs: 1_000) == 0 { return }
        throw BenchFailure("some of \(waiting.count) attaches were refused for a minute")
    }

    /// Returns how many were.
    private func askAgainIfRefused(forMs milliseconds: UInt64) throws -> Int {
        var refused = 0
        let end = MonotonicClock.nowNs() + milliseconds * 1_000_000
        while MonotonicClock.nowNs() < end {
            try ready.wait(timeoutMs: 1) { slot in
                guard let status = try waiting[slot].receive(into: buffer) else { return }
                guard status == 503 else { throw BenchFailure("an attach was answered \(status) before the end") }
                refused += 1
                usleep(1_000)
                try request.send(0, on: &waiting[slot], atNs: 0)
            }
        }
        return refused
    }

    /// When the first and the last had their answers, once that request was made.
    func answersAfter(_ ending: [UInt8]) throws -> (first: UInt64, last: UInt64) {
        var ender = try KeptConnection(port: port)
        defer { close(ender.descriptor) }
        try PreparedRequests(ending).send(0, on: &ender, atNs: 0)
        var times: (first: UInt64, last: UInt64) = (0, 0)
        var answered = 0
        var idleRounds = 0
        while answered < waiting.count {
            let before = answered
            try ready.wait(timeoutMs: 100) { slot in
                guard let status = try waiting[slot].receive(into: buffer) else { return }
                guard status == 200 else { throw BenchFailure("an attach was answered \(status)") }
                times.last = MonotonicClock.nowNs()
                if answered == 0 { times.first = times.last }
                answered += 1
            }
            idleRounds = answered == before ? idleRounds + 1 : 0
            guard idleRounds < 300 else { throw BenchFailure("\(answered) of \(waiting.count) waiters were answered") }
        }
        return times
    }
}
