import Dispatch
import Foundation

/// A great many holds that wait at once for their deadline, in one server.
struct Sleepers {
    let folder: URL
    let holds: Int
    let holdMs: Int

    private static let handler = "/ReservationFunction/reserve"
    /// Somebody waits for the end of so many of them.
    private static let watchedCount = 500

    /// How many first levels were missed.
    func run() async throws -> Int {
        var report = Report()
        let server = try ServerProcess(in: folder, environment: ["RESERVATION_HOLD_MS": String(holdMs)])
        defer { server.remove() }
        try await server.start()
        let empty = server.memory().now
        report.heading("\(holds) holds of \(holdMs / 1_000) s")

        let before = Date()
        let (half, last) = try create(on: server, &report)
        let created = server.memory()
        report.line("memory: empty, half, all of them", [empty, half, created.now].map(mebibytes).joined(separator: ", "))
        // The first half fills what does not grow any more: SQLite's page cache, buffers, attempts at work.
        report.judge(
            "memory per hold", Double(created.now - half) / Double(holds - holds / 2), first: 300, goal: 64,
            unit: "bytes", lowerIsBetter: true)
        report.line("data directory", sizeText(server.dataBytes))

        server.kill()
        try await server.start()
        let started = server.memory()
        report.judge(
            "start after SIGKILL, per million pending", server.startMs / 1_000 / (Double(holds) / 1e6), first: 10,
            goal: 1, unit: "s", lowerIsBetter: true)
        guard Date().timeIntervalSince(before) * 1_000 < Double(holdMs) else {
            throw BenchFailure("the first holds ended before all were created: try --hold-seconds \(holdMs / 500)")
        }

        let lateMs = try watch(on: server, lastCreatedAt: last)
        func late(_ share: Double) -> String { String(lateMs[Int(Double(lateMs.count - 1) * share)]) }
        report.line(
            "end after the deadline, as a caller sees it",
            "p50 \(late(0.5)) ms, p99 \(late(0.99)) ms, max \(late(1)) ms, \(lateMs.filter { $0 < 0 }.count) early")
        let peaks = [created.peak, started.peak, server.memory().peak]
        report.line("peak while created, started, ending", peaks.map(mebibytes).joined(separator: ", "))
        report.judge(
            "peak memory of the whole run", Double(peaks.max() ?? 0) / 1_048_576, first: 1_024, goal: 256,
            unit: "MiB", lowerIsBetter: true)
        report.line("data directory, after all of them", sizeText(server.dataBytes))
        return report.missed
    }

    /// Returns the memory at half of them, and when the last one was created.
    private func create(on server: ServerProcess, _ report: inout Report) throws -> (half: Int, last: Date) {
        let every = max(1, holds / Self.watchedCount)
        func load(from first: Int) -> LoadGenerator {
            LoadGenerator(port: server.ingressPort, connections: 64) { number in
                let hold = first + number
                // With a key, its result is kept for whoever asks.
                let key = hold % every == 0 ? "watched-\(hold / every)" : nil
                return LoadGenerator.post(
                    Self.handler + "/send", body: #"{"seatId":"seat-\#(hold)"}"#, idempotencyKey: key)
            }
        }
        let first = try load(from: 0).run(requests: holds / 2)
        let half = server.memory().now
        let second = try load(from: holds / 2).run(requests: holds - holds / 2)
        let failures = first.failures + second.failures
        guard failures == 0 else { throw BenchFailure("\(failures) holds were refused") }
        report.load("first half", first, commits: 0, turns: 0)
        report.load("second half", second, commits: 0, turns: 0)
        return (half, Date())
    }

    /// Callers attach to some of the holds; how many milliseconds after its deadline each got the result, sorted.
    private func watch(on server: ServerProcess, lastCreatedAt last: Date) throws -> [Int] {
        let every = max(1, holds / Self.watchedCount)
        let watched = (holds + every - 1) / every
        let load = LoadGenerator(port: server.ingressPort, connections: watched) {
            LoadGenerator.get("/restate/invocation\(Self.handler)/watched-\($0)/attach")
        }
        var lateMs: [Int] = []
        let deadline = last.addingTimeInterval(Double(holdMs) / 1_000 + 300)
        try load.once(until: deadline) { answer in
            guard answer.status == 200, let deadlineMs = Self.deadlineMs(in: answer.body) else {
                throw BenchFailure("a hold ended with \(answer.status): \(answer.body)")
            }
            lateMs.append(Int(Date().timeIntervalSince1970 * 1_000) - deadlineMs)
        }
        return lateMs.sorted()
    }

    private static func deadlineMs(in body: String) -> Int? {
        struct Result: Decodable {
            struct Reservation: Decodable { let expiresAt: String }
            let reservation: Reservation
        }
        guard let result = try? JSONDecoder().decode(Result.self, from: Data(body.utf8)) else { return nil }
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        guard let date = try? style.parse(result.reservation.expiresAt) else { return nil }
        return Int((date.timeIntervalSince1970 * 1_000).rounded())
    }

    private func mebibytes(_ bytes: Int) -> String { "\(bytes >> 20) MiB" }

    private func sizeText(_ bytes: Int) -> String { "\(bytes >> 20) MiB, \(bytes / max(1, holds)) bytes a hold" }
}
