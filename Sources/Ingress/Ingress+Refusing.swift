package import DurableModel
package import HTTPWire

extension Ingress {
    /// As `decide(_:readiness:)` on a server that can take no command as long as there is a `refusal`.
    package func decide(_ message: HTTPMessage, readiness: Readiness, refusal: Refusal?) -> Decision {
        let decision = decide(message, readiness: readiness)
        guard let refusal, case .command(_, let shape) = decision else { return decision }
        return .reply(render(.refused(refusal), shape))
    }
}

extension ReplyShape {
    /// Who looks an invocation up by its id names no target; its handler says what the result is.
    package var needsTarget: Bool {
        switch kind {
        case .attach(.targetUnknown), .output(.targetUnknown): true
        default: false
        }
    }
}
