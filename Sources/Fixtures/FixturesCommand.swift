import ArgumentParser
import Serving

/// Serves what tests from outside call. Its flags are those of `reprise serve`; it is no part of what people install.
@main
struct FixturesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reprise-fixtures", abstract: "Runs a server with services made for tests.",
        subcommands: [Serve.self], defaultSubcommand: Serve.self)

    struct Serve: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Runs the server until SIGTERM or SIGINT.", discussion: ServeFlags.discussion)

        @OptionGroup var flags: ServeFlags

        func run() async throws {
            try await flags.serve {
                ([Greeter(), Typed(), VoidService(), Priv(), Echo(), Counter(), Awk(), Fail(), Slow(), Crash()], [])
            }
        }
    }
}
