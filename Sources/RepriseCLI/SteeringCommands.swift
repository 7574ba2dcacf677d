import ArgumentParser
import Foundation

/// What a person can do to invocations. Each goes on after a failure and ends with 1 if there was one.
protocol SteeringCommand: AsyncParsableCommand {
    /// The last segment of the admin path.
    static var operation: String { get }
    /// What is said of an invocation when it is done, and when it will be done.
    static var said: (done: String, requested: String) { get }

    var server: InvocationsCommand.Server { get }
    var ids: [String] { get }
}

private struct Restarted: Decodable {
    var new_invocation_id: String
}

extension SteeringCommand {
    func run() async throws {
        var hasFailed = false
        for id in ids {
            do {
                let path = "invocations/\(id)/\(Self.operation)"
                let (status, body) = try await server.client().patch(path)
                let new = try? JSONDecoder().decode(Restarted.self, from: body).new_invocation_id
                print("\(id) \(status == 202 ? Self.said.requested : Self.said.done)\(new.map { " " + $0 } ?? "")")
            } catch {
                FileHandle.standardError.write(Data("reprise: \(id): \(error)\n".utf8))
                hasFailed = true
            }
        }
        if hasFailed { throw ExitCode(1) }
    }
}

extension InvocationsCommand {
    struct Cancel: SteeringCommand {
        static let configuration = CommandConfiguration(
            abstract: "Asks invocations to end: compensations run. What has not begun is taken back.")
        static let operation = "cancel"
        static let said = (done: "taken back", requested: "will hear of it at its next wait")

        @OptionGroup var server: Server
        @Argument(help: "inv_1…") var ids: [String]
    }

    struct Kill: SteeringCommand {
        static let configuration = CommandConfiguration(
            abstract: "Ends invocations at once, without compensation, with everything that they called or sent.")
        static let operation = "kill"
        static let said = (done: "killed", requested: "will be killed")

        @OptionGroup var server: Server
        @Argument(help: "inv_1…") var ids: [String]
    }

    struct Pause: SteeringCommand {
        static let configuration = CommandConfiguration(abstract: "Stops invocations until they are resumed.")
        static let operation = "pause"
        static let said = (done: "was paused already", requested: "paused")

        @OptionGroup var server: Server
        @Argument(help: "inv_1…") var ids: [String]
    }

    struct Resume: SteeringCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lets invocations go on now that are paused or wait for their next attempt.")
        static let operation = "resume"
        static let said = (done: "goes on", requested: "will go on")

        @OptionGroup var server: Server
        @Argument(help: "inv_1…") var ids: [String]
    }

    struct Purge: SteeringCommand {
        static let configuration = CommandConfiguration(
            abstract: "Deletes completed invocations; a workflow with its state and promises.")
        static let operation = "purge"
        static let said = (done: "purged", requested: "will be purged")

        @OptionGroup var server: Server
        @Argument(help: "inv_1…") var ids: [String]
    }

    struct Restart: SteeringCommand {
        static let configuration = CommandConfiguration(
            commandName: "restart-as-new",
            abstract: "Runs completed invocations again from their input, under new ids.")
        static let operation = "restart-as-new"
        static let said = (done: "restarted as", requested: "will be restarted")

        @OptionGroup var server: Server
        @Argument(help: "inv_1…") var ids: [String]
    }
}
