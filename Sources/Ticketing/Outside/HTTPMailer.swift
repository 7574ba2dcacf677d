public import Foundation
import Outgoing

/// Mail behind HTTP: `POST url` with the mail as JSON; any 2xx accepts it.
public struct HTTPMailer: Mailer {
    struct Refused: Error, CustomStringConvertible {
        let status: Int
        var description: String { "the mail server answered \(status)" }
    }

    let url: URL
    private let http = OutgoingHTTP()

    public init(url: URL) { self.url = url }

    public func deliver(_ mail: Mail) async throws {
        let reply = try await http.send("POST", to: url, json: try JSONEncoder().encode(mail), timeout: .seconds(5))
        guard (200..<300).contains(reply.status) else { throw Refused(status: reply.status) }
    }
}
