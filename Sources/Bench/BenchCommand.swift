import ArgumentParser
import Foundation

@main
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "Bench", abstract: "Loads a server and measures it.",
        subcommands: [FiguresCommand.self, OverloadCommand.self], defaultSubcommand: FiguresCommand.self)
}

struct FiguresCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "figures",
        abstract: "Measures the server beside this program, with the load on the same machine.",
        discussion: "Every answer is synced before it is given, as always.")

    @Flag(help: "Two seconds a scenario instead of five, and fewer pending invocations.")
    var quick = false
    @Flag(help: "End with 1 when a figure misses its first level.")
    var check = false
    @Option(help: "How many delayed sends are created to measure memory and start; a million is the full thing.")
    var pending = 300_000
    @Option(help: "Hummingbird's hello world, which takes turns with the server.")
    var hello: String?
    @Option(parsing: .upToNextOption, help: "A Python that has DBOS, and the script of its workflow.")
    var dbos: [String] = []
    @Option(help: "Where servers keep their data: the disk that is measured.")
    var directory = NSTemporaryDirectory()

    func run() async throws {
        let folder = URL(fileURLWithPath: directory)
        let bench = Scenarios(
            folder: folder, seconds: quick ? 2 : 5, pending: quick ? min(pending, 200_000) : pending,
            rivals: Rivals(hello: hello, dbos: dbos))
        do {
            let missed = try await bench.run()
            if check, missed > 0 { throw ExitCode(1) }
        } catch let failure as BenchFailure {
            FileHandle.standardError.write(Data("bench: \(failure)\n".utf8))
            throw ExitCode(1)
        }
    }
}
