import DurableModel
import HTTPWire

extension Ingress {
    /// `/restate/awakeables/{id}/{resolve,reject}`; further segments are ignored (ingress reference 5).
    func completeAwakeable(_ message: HTTPMessage, _ path: RequestPath) throws(IngressError) -> Decision {
        guard path.segments.count > 3 else {
            throw .badRestatePath(
                path.text, expected: "/restate/awakeables/{id}/resolve or /restate/awakeables/{id}/reject")
        }
        let verb = path.segments[3]
        guard verb == "resolve" || verb == "reject" else { throw .notFound(path.text) }
        try message.requireMethod("POST")
        guard let id = try awakeable(String(path.segments[2])) else {
            return .reply(render(.awakeableTaken, ReplyShape(.awakeable)))
        }
        let outcome: Outcome =
            verb == "resolve"
            ? .success(message.body)
            : .failure(TerminalFailure(message: String(decoding: message.body, as: UTF8.self)))
        return .command(.completeAwakeable(id, outcome), ReplyShape(.awakeable))
    }

    /// nil for the id of an awakeable of older protocols: nobody on this server waits for one, and completing what
    /// nobody waits for is accepted.
    private func awakeable(_ text: String) throws(IngressError) -> AwakeableID? {
        do throws(IdentifierError) {
            if text.hasPrefix("prom_") {
                _ = try LegacyAwakeableID(parsing: text)
                return nil
            }
            return try AwakeableID(parsing: text)
        } catch {
            throw .badAwakeableID(text, error)
        }
    }
}
