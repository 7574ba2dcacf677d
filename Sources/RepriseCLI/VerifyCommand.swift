import ArgumentParser
import DurableModel
import Foundation
import SQLiteStore

struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Looks for damage in a data directory that no server is using, or in a backup.",
        discussion: """
            Prints a line for each problem, then a summary. Ends with 0 when everything is sound, 1 when something is
            wrong, 2 when it cannot be opened. Changes nothing.
            """)

    @Argument(help: "A data directory, or a file made by `reprise backup`.")
    var path: String

    private static let shownMax = 1000

    func run() throws {
        var problems = 0
        let figures: StoreFigures
        do {
            figures = try Verification.run(on: path) { line in
                problems += 1
                // A line break in a stored text must not begin a line of its own.
                if problems <= Self.shownMax { print(line.replacingOccurrences(of: "\n", with: "\\n")) }
            }
        } catch {
            FileHandle.standardError.write(Data("reprise: \(error)\n".utf8))
            throw ExitCode(2)
        }
        if problems > Self.shownMax { print("… and \(problems - Self.shownMax) more") }
        print("\(path): \(Self.counted(problems, "problem")) in \(Self.summary(figures))")
        if problems > 0 { throw ExitCode(1) }
    }

    private static func summary(_ figures: StoreFigures) -> String {
        "\(counted(figures.invocations, "invocation")) (\(figures.live) live), "
            + "\(counted(figures.journalEntries, "journal row")), \(counted(figures.timers, "timer")), "
            + "\(counted(figures.stateValues, "state value")); last commit \(figures.lastCommit)"
    }

    private static func counted(_ count: Int, _ thing: String) -> String {
        "\(count == 0 ? "no" : String(count)) \(thing)\(count == 1 ? "" : "s")"
    }
}
