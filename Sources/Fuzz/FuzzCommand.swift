import ArgumentParser

#if !LIBFUZZER
/// What tests and scripts ask of the parsers, without a server around them.
@main
struct FuzzCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "Fuzz", abstract: "Feeds hostile bytes to the parsers.",
        subcommands: [RunCommand.self, VerdictsCommand.self, SeedsCommand.self])
}
#endif
