import HTTPWire

/// Lets in who shows a token, and whatever asks for something that is open.
struct Doorkeeper: Sendable {
    let tokens: TokenFile
    let isOpen: @Sendable (HTTPMessage) -> Bool

    /// nil lets it in. Looks at the head only, so that nobody can make the server hold a body without a token.
    func judge(_ message: HTTPMessage) -> HTTPRefusal? {
        switch Credentials.presented(by: message) {
        case .tokens(let presented):
            if presented.contains(where: tokens.holds) { return nil }
            return message.isOpen(isOpen) ? nil : .unauthorized(#"Bearer realm="reprise", error="invalid_token""#)
        case .nothing:
            return message.isOpen(isOpen) ? nil : .unauthorized(#"Bearer realm="reprise""#)
        }
    }
}

extension HTTPMessage {
    /// A browser asks by OPTIONS before it may send a token.
    fileprivate func isOpen(_ rule: (HTTPMessage) -> Bool) -> Bool { method == "OPTIONS" || rule(self) }

    /// Without the query.
    var path: Substring { target.prefix { $0 != "?" } }
}

extension HTTPRefusal {
    fileprivate static func unauthorized(_ challenge: String) -> HTTPRefusal {
        var refusal = HTTPRefusal(401, "a bearer token is needed here: 'authorization: Bearer …'")
        refusal.challenge = challenge
        return refusal
    }
}
