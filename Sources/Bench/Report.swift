import Foundation
import Histogram
import Measuring

/// Tells of everything as it is measured, and keeps the figures for the table at the end.
struct Report {
    private(set) var figures: [Figure] = []
    /// The p50 of each look at the disk, in milliseconds: it wanders.
    private var disk = Series()
    private let beganAtNs = MonotonicClock.nowNs()
    private let othersAtBegin = Report.othersMicroseconds()

    var missed: Int { figures.count { $0.verdict == .missed } }

    func heading(_ text: String) { print("\n\(text)") }

    func line(_ name: String, _ value: String) {
        print("  \(name.padding(toLength: max(44, name.count), withPad: " ", startingAt: 0)) \(value)")
        // What was measured so far is there even if somebody ends the run.
        fflush(nil)
    }

    mutating func add(_ figure: Figure) {
        figures.append(figure)
        line(figure.name, figure.text)
    }

    mutating func look(at folder: URL) throws {
        let probe = try DiskProbe(in: folder)
        disk.append(probe.p50Ms)
        line("fdatasync of 4 KiB", String(format: "p50 %.3f ms, p99 %.3f ms", probe.p50Ms, probe.p99Ms))
    }

    mutating func sawDisk(p50Ms: Double) { disk.append(p50Ms) }

    static func percentiles(_ latencies: Histogram<UInt64>) -> String {
        let values = [50.0, 90, 99, 100].map { String(format: "%.2f", Double(latencies.valueAtPercentile($0)) / 1e6) }
        return "ms p50 p90 p99 max: " + values.joined(separator: " ")
    }

    /// More than that is somebody's work, and no longer the system's own.
    static let othersCoresMax = 0.25

    /// What the machine did that was neither this program nor started by it.
    private static func othersMicroseconds() -> Double { ProcessorTime.ofTheMachine() - ProcessorTime.ofAllOfThis() }

    /// How many cores that kept busy since the beginning. Everything that was started has to have ended.
    private var othersCores: Double {
        let microseconds = Double(MonotonicClock.nowNs() - beganAtNs) / 1000
        return max(0, Self.othersMicroseconds() - othersAtBegin) / max(1, microseconds)
    }

    /// - Parameter commit: What was built, such as `039d0b2 + changes`.
    func printTable(commit: String) {
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        format.timeZone = TimeZone(identifier: "UTC")
        format.dateFormat = "yyyy-MM-dd HH:mm"
        let cores = ProcessInfo.processInfo.activeProcessorCount
        let sync = Amount.text(disk.median, "ms")
        let others = othersCores
        let range = "\(Amount.number(disk.least)) to \(Amount.number(disk.most))"
        let caption = """
            Commit \(commit), \(format.string(from: Date())) UTC, \(cores) cores shared with the load generator \
            and with others that took \(Amount.number(others)), `fdatasync` of 4 KiB \(sync) (\(range)).
            """
        print("\n" + FigureTable(figures, caption: caption).markdown)
        let unclear = figures.count { $0.verdict == .unclear || $0.verdict == .goalUnclear }
        if unclear > 0 { print("\nThe machine was too noisy to tell \(unclear) of \(figures.count) figures.") }
        if others > Self.othersCoresMax {
            print("\nOther programs took \(Amount.number(others)) cores: rates are less than they could be.")
        }
    }
}
