import ArgumentParser
import Foundation
import Serving

struct InvocationsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "invocations",
        abstract: "Looks at the invocations of a running server, and steers them.",
        subcommands: [
            List.self, Show.self, Cancel.self, Kill.self, Pause.self, Resume.self, Purge.self, Restart.self,
        ])

    struct Server: ParsableArguments {
        @Option(help: "The admin address of the server.")
        var admin = Environment.value("REPRISE_ADMIN") ?? "127.0.0.1:9070"

        @Option(help: "A file whose first token is shown; by default REPRISE_ADMIN_AUTH_TOKEN_FILE.")
        var adminAuthTokenFile: String?

        /// A token may begin with a dash, as a key may.
        @Option(
            parsing: .unconditional,
            help: "The token itself. Others see command lines: the variable REPRISE_ADMIN_AUTH_TOKEN is better.")
        var adminAuthToken: String?

        @Option(help: "Certificates (PEM) of authorities that may vouch for an https server, besides the machine's.")
        var cacert: String?

        func client() throws -> AdminClient {
            try AdminClient(admin, token: token(), authorities: cacert ?? Environment.value("REPRISE_CACERT"))
        }

        private func token() throws -> String? {
            if let token = adminAuthToken ?? Environment.value("REPRISE_ADMIN_AUTH_TOKEN") { return token }
            guard let path = adminAuthTokenFile ?? Environment.value("REPRISE_ADMIN_AUTH_TOKEN_FILE") else {
                return nil
            }
            guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
                throw ConfigurationError("--admin-auth-token-file", path, "a file that can be read")
            }
            return text.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
                .first { !$0.isEmpty && !$0.hasPrefix("#") }
        }
    }

    /// Prints what goes wrong in one line and ends with 1.
    static func orFail(_ work: () async throws -> Void) async throws {
        do {
            try await work()
        } catch {
            FileHandle.standardError.write(Data("reprise: \(error)\n".utf8))
            throw ExitCode(1)
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists invocations, newest first.")

        @OptionGroup var server: Server
        @Option(help: "scheduled, pending, running, backing-off, suspended, paused or completed.")
        var status: String?
        @Option(help: "Only those of this service.")
        var service: String?
        @Option(parsing: .unconditional, help: "Only those of this key.")
        var key: String?
        @Option(help: "At most so many.")
        var limit = 100

        func run() async throws {
            try await InvocationsCommand.orFail {
                var query = [URLQueryItem(name: "limit", value: String(limit))]
                for (name, value) in [("status", status), ("service", service), ("key", key)] {
                    if let value { query.append(URLQueryItem(name: name, value: value)) }
                }
                let data = try await server.client().get("invocations", query)
                print(InvocationTable(try JSONDecoder().decode(Listing.self, from: data).invocations).text)
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows one invocation with its journal, as JSON.")

        @OptionGroup var server: Server
        @Argument(help: "inv_1…")
        var id: String

        func run() async throws {
            try await InvocationsCommand.orFail {
                let data = try await server.client().get("invocations/\(id)")
                let object = try JSONSerialization.jsonObject(with: data)
                let pretty = try JSONSerialization.data(
                    withJSONObject: object, options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
                print(String(decoding: pretty, as: UTF8.self))
            }
        }
    }
}

struct Listing: Decodable {
    var invocations: [Item]

    struct Item: Decodable {
        var id: String
        var status: String
        var target: String
        var created_at: String?
        var last_failure: String?
    }
}

/// Columns as wide as what is in them.
struct InvocationTable {
    let text: String

    init(_ items: [Listing.Item]) {
        let rows = [["ID", "STATUS", "CREATED", "TARGET", "LAST FAILURE"]]
            + items.map { [$0.id, $0.status, $0.created_at ?? "", $0.target, $0.last_failure ?? ""] }
        let widths = (0..<5).map { column in rows.map { $0[column].count }.max() ?? 0 }
        text = rows.map { row in
            zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
                .joined(separator: "  ").trimmingCharacters(in: .whitespaces)
        }.joined(separator: "\n")
    }
}
