import ArgumentParser
import Foundation

/// What every command that starts servers of its own wants to know.
struct MachineOptions: ParsableArguments {
    @Flag(help: "End with 1 when a figure misses its bar.")
    var check = false
    @Option(help: "Where servers keep their data: the disk that is measured.")
    var directory = NSTemporaryDirectory()
    @Option(help: "What was built, for the table's caption.")
    var commit = "unknown"

    /// Measures, prints the table, and ends the program with 1 when a measurement cannot be made.
    func report(_ measure: (URL, inout Report) async throws -> Void) async throws {
        DescriptorLimit.raise()
        let folder = URL(fileURLWithPath: directory)
        var report = Report()
        do {
            report.heading("Disk")
            try report.look(at: folder)
            try await measure(folder, &report)
            try report.look(at: folder)
        } catch let failure as BenchFailure {
            FileHandle.standardError.write(Data("bench: \(failure)\n".utf8))
            throw ExitCode(1)
        }
        report.printTable(commit: commit)
        if check, report.missed > 0 { throw ExitCode(1) }
    }
}
