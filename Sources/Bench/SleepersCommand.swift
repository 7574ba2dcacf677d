import ArgumentParser
import Foundation

/// `Bench sleepers`: holds that wait, by the hundred thousand.
struct SleepersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sleepers",
        abstract: "Measures many holds that wait at once: creation, memory, start, expiry.",
        discussion: "Holds are handlers that have begun, and sleep until their deadline.")

    @Option(help: "How many holds.")
    var holds = 100_000
    @Option(help: "Seconds that each hold lasts; by default as long as their creation may take, and a minute.")
    var holdSeconds: Int?
    @Flag(help: "End with 1 when a figure misses its first level.")
    var check = false
    @Option(help: "Where the server keeps its data: the disk that is measured.")
    var directory = NSTemporaryDirectory()

    func run() async throws {
        // At two thousand a second all are created, and the server is started again, before the first one ends.
        let seconds = holdSeconds ?? holds / 2_000 + 75
        do {
            let missed = try await Sleepers(
                folder: URL(fileURLWithPath: directory), holds: holds, holdMs: seconds * 1_000
            ).run()
            if check, missed > 0 { throw ExitCode(1) }
        } catch let failure as BenchFailure {
            FileHandle.standardError.write(Data("bench: \(failure)\n".utf8))
            throw ExitCode(1)
        }
    }
}
