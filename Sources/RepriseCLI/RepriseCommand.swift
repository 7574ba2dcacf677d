import ArgumentParser
import RepriseServer

@main
struct RepriseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reprise",
        abstract: "Durable execution in one binary.",
        version: RepriseVersion.text,
        subcommands: [ServeCommand.self, InvocationsCommand.self, VerifyCommand.self, BackupCommand.self])
}
