import Foundation
import Glibc
import Histogram
import Measuring

/// Strangers' requests at four fifths of what is sustained, while timers fire, checkpoints are made, and retention
/// deletes as much as comes.
struct SteadyRun {
    let folder: URL
    let seconds: Double
    let trialSeconds: Double
    /// nil: four fifths of what is sustained.
    let rate: Double?

    private static let share = 0.8
    private static let connectionsMax = 4_000

    /// A minute, or a tenth of a run of less than ten minutes.
    private struct Period {
        var result: OpenLoop.Result
        var seconds = 0
        var memoryMax = 0
        var databaseMax = 0
        var logMax = 0
        /// Cores that the server took, and those that neither it nor this program did.
        var serverCores = 0.0
        var othersCores = 0.0
    }

    func run(_ report: inout Report) async throws {
        // No connection is closed for having been idle: at a rate that changes, some are.
        let server = try ServerProcess(in: folder, flags: ["--idle-timeout-ms", "3600000"])
        defer { server.remove() }
        try await server.start()
        let requests = Self.requests
        let rate = try rate ?? fourFifths(server, requests, report)
        report.heading(
            "\(Amount.number(rate)) requests/s for \(Amount.number(seconds / 60)) minutes, a tenth delayed sends")
        let loop = OpenLoop(
            port: server.ingressPort, perSecond: rate, connectionsMax: Self.connectionsMax, requests: requests)
        let periodSeconds = max(1, Int(min(60, seconds / 10)))
        var periods: [Period] = []
        var period = Period(result: OpenLoop.Result())
        var processor = Processor(server)
        _ = try loop.run(seconds: seconds, warmUp: 0) { result in
            period.seconds += 1
            let file = server.fileBytes()
            period.memoryMax = max(period.memoryMax, server.memory().now)
            period.databaseMax = max(period.databaseMax, file.database)
            period.logMax = max(period.logMax, file.log)
            guard period.seconds == periodSeconds else { return }
            period.result = result
            (period.serverCores, period.othersCores) = processor.cores(server)
            report.line("after \(Amount.number(Double((periods.count + 1) * periodSeconds))) s", Self.text(period))
            periods.append(period)
            result = OpenLoop.Result()
            period = Period(result: result)
        }
        try Self.judge(periods, rate, &report)
    }

    private func fourFifths(
        _ server: ServerProcess, _ requests: PreparedRequests, _ report: Report
    ) throws -> Double {
        let search = SustainableRate(
            port: server.ingressPort, connectionsMax: Self.connectionsMax, requests: requests, seconds: trialSeconds,
            answeredShare: 0.999, p99MaxMs: Self.pauseMaxMs)
        let sustained = try search.find(from: search.closedLoopPerSecond() / 2)
        report.line("sustainable rate", Amount.text(sustained, "/s"))
        return sustained * Self.share
    }

    private static var requests: PreparedRequests {
        PreparedRequests(10_000) { number in
            let key = number * 7919 % 1_000
            let path = "/BenchBrief/k\(key)/add" + (number % 10 == 9 ? "/send?delay=1s" : "")
            return PreparedRequests.post(path, body: "1")
        }
    }

    private static func milliseconds(_ histogram: Histogram<UInt64>, _ percentile: Double) -> Double {
        Double(histogram.valueAtPercentile(percentile)) / 1e6
    }

    private static func text(_ period: Period) -> String {
        let result = period.result
        let latencies = [50, 99, 99.9, 100].map { String(format: "%.1f", milliseconds(result.admitted, $0)) }
        let mebibytes = [period.memoryMax, period.databaseMax, period.logMax].map { String(format: "%.1f", mib($0)) }
        let answered = Double(result.admitted.totalCount) / Double(max(1, period.seconds))
        return "\(Amount.number(answered))/s  ms p50 p99 p99.9 max: \(latencies.joined(separator: " "))"
            + "  MiB memory, database, log: \(mebibytes.joined(separator: " "))"
            + "  refused \(result.refused.totalCount), failed \(result.failed)"
            + String(format: "  cores of the server %.2f, of others %.2f", period.serverCores, period.othersCores)
            + String(format: "  generator late p99.9 %.1f ms", milliseconds(result.lateness, 99.9))
    }

    private static func mib(_ bytes: Int) -> Double { Double(bytes) / 1_048_576 }

    private static func judge(_ periods: [Period], _ rate: Double, _ report: inout Report) throws {
        guard var latencies = periods.first?.result.admitted, var lateness = periods.first?.result.lateness else {
            throw BenchFailure("too short to say anything")
        }
        for period in periods.dropFirst() {
            latencies.add(period.result.admitted)
            lateness.add(period.result.lateness)
        }
        let p999 = milliseconds(latencies, 99.9)
        // A program that is itself kept from the processor for so long cannot say who was late, and neither can one
        // that shares two cores with somebody's build.
        let others = Series(periods.map(\.othersCores))
        let isSpoilt = milliseconds(lateness, 99.9) > pauseMaxMs / 2 || others.median > Report.othersCoresMax
        let memory = Series(periods.map { mib($0.memoryMax) })
        let file = Series(periods.map { mib($0.databaseMax + $0.logMax) })
        let unwelcome = periods.map { period in
            let (result, admitted) = (period.result, Double(period.result.admitted.totalCount))
            let others = Double(result.refused.totalCount) + Double(result.failed)
            return others / max(1, admitted + others) * 100
        }
        report.heading("Steady state")
        report.add(Figure("steady state: requests", Series([rate]), unit: "/s"))
        report.add(
            Figure(
                "steady state: p99.9 of all", Series([p999]), unit: "ms", level: .atMost(pauseMaxMs),
                isSpoilt: isSpoilt))
        report.add(
            Figure(
                "steady state: p99.9 by period", Series(periods.map { milliseconds($0.result.admitted, 99.9) }),
                unit: "ms"))
        report.add(
            Figure(
                "steady state: refused or failed", Series(unwelcome), unit: "%", level: .atMost(0.1),
                isSpoilt: isSpoilt))
        for (name, series) in [("memory", memory), ("database and log", file)] {
            report.add(Figure("steady state: \(name)", series, unit: "MiB"))
            guard let growth = series.growthInLastThird else { continue }
            report.add(
                Figure(
                    "steady state: \(name), last third by the one before", Series([growth]), unit: "x",
                    level: .atMost(1.1)))
        }
    }

    private static let pauseMaxMs = 50.0
}

/// Who took the processor since it was last asked.
private struct Processor {
    private var atNs = MonotonicClock.nowNs()
    private var server: Double
    private var others = 0.0

    init(_ process: ServerProcess) {
        server = process.processorMicroseconds
        others = Self.othersMicroseconds(server)
    }

    mutating func cores(_ process: ServerProcess) -> (server: Double, others: Double) {
        let before = self
        self = Processor(process)
        let microseconds = max(1, Double(atNs - before.atNs) / 1000)
        return ((server - before.server) / microseconds, max(0, others - before.others) / microseconds)
    }

    private static func othersMicroseconds(_ server: Double) -> Double {
        ProcessorTime.ofTheMachine() - ProcessorTime.microseconds(of: getpid()) - server
    }
}
