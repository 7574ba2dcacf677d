import ArgumentParser
import Serving

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Runs the server until SIGTERM or SIGINT.", discussion: ServeFlags.discussion)

    @OptionGroup var flags: ServeFlags

    func run() async throws {
        try await flags.serve {
            let systems = try Systems(dataDirectory: flags.dataDir)
            return (systems.services, systems.routes)
        }
    }
}
