import ArgumentParser
import Foundation

struct SteadyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "steady",
        abstract: "Offers four fifths of the sustainable rate for minutes, and looks for what grows or pauses.",
        discussion: """
            Calls of objects, and a tenth of them sends with a delay. Results are kept five seconds, so that soon as \
            much is deleted as comes.
            """)

    @Option(help: "How long the rate is offered.")
    var minutes = 10.0
    @Option(help: "How long each rate is offered while the sustainable one is looked for, in seconds.")
    var trial = 5.0
    @Option(help: "Offer this many requests a second instead, so that runs can be compared.")
    var rate: Double?
    @OptionGroup var machine: MachineOptions

    func run() async throws {
        guard minutes > 0, trial > 0, rate ?? 1 > 0 else {
            throw ValidationError("minutes, trial and rate have to be more than 0")
        }
        try await machine.report { folder, report in
            try await SteadyRun(folder: folder, seconds: minutes * 60, trialSeconds: trial, rate: rate).run(&report)
        }
    }
}
