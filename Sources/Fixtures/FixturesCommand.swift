import ArgumentParser
import Reprise
import Serving

/// Serves what tests from outside call. Its flags are those of `reprise serve`; it is no part of what people install.
@main
struct FixturesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reprise-fixtures", abstract: "Runs a server with services made for tests.",
        subcommands: [Serve.self, StoreWorkoutCommand.self], defaultSubcommand: Serve.self)

    struct Serve: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Runs the server until SIGTERM or SIGINT.", discussion: ServeFlags.discussion)

        private var services: [any ServiceDefinition] {
            [
                Greeter(), Typed(), VoidService(), Priv(), Echo(), Counter(), Awk(), Wf(), Fail(), Slow(), Crash(),
                Undo(), Knot(), Bulk(), Naughty(), Books(), Bookless(), News(),
            ]
        }

        @OptionGroup var flags: ServeFlags

        func run() async throws {
            try await flags.serve {
                guard let variant = Environment.value("REPRISE_DRILL_SERVICES") else {
                    return (services, News.routes + Pages.routes)
                }
                return (DrillServices.all(variant), [])
            }
        }
    }
}
