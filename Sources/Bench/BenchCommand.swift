import ArgumentParser
import Foundation

@main
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "Bench", abstract: "Loads a server and measures it.",
        subcommands: [FiguresCommand.self, SteadyCommand.self, OverloadCommand.self],
        defaultSubcommand: FiguresCommand.self)
}

struct FiguresCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "figures",
        abstract: "Measures the server beside this program, with the load on the same machine.",
        discussion: """
            Every answer is synced before it is given, as always. Ten thousand connections need as many descriptors on \
            both sides: the soft limit is raised to the hard one, and with a lower hard limit (ulimit -Hn) there are \
            fewer waiters.
            """)

    @Flag(help: "Fewer and shorter rounds, a lane less deep, and fewer pending invocations.")
    var quick = false
    @Option(help: "How many delayed sends are created to measure memory and start; a million is the full thing.")
    var pending = 300_000
    @Option(help: "Hummingbird's hello world, which takes turns with the server.")
    var hello: String?
    @Option(parsing: .upToNextOption, help: "A Python that has DBOS, and the script of its workflow.")
    var dbos: [String] = []
    @Option(parsing: .upToNextOption, help: "Only these: \(Scenario.allCases.map(\.rawValue).joined(separator: ", ")).")
    var only: [Scenario] = Scenario.allCases
    @OptionGroup var machine: MachineOptions

    func run() async throws {
        try await machine.report { folder, report in
            let scenarios = Scenarios(
                folder: folder, isQuick: quick, pending: quick ? min(pending, 200_000) : pending,
                rivals: Rivals(hello: hello, dbos: dbos))
            for scenario in Scenario.allCases where only.contains(scenario) {
                try await scenarios.run(scenario, &report)
            }
        }
    }
}
