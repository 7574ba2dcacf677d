package import HTTPWire

/// CORS, as permissive as Restate's, and with those headers exposed that a client in a browser needs (ingress
/// reference 6.5).
package struct CrossOrigin: Sendable {
    private static let vary = "origin, access-control-request-method, access-control-request-headers"
    private static let exposed = "x-restate-id, idempotency-expires, x-restate-error-source, retry-after"

    /// Whose pages may call, such as `https://shop.example`; nil: everybody's.
    private let allowed: [String]?

    package init(allowed: [String]? = nil) { self.allowed = allowed }

    /// The origin to mirror in the answer to a request with these headers.
    package func origin(of headers: HTTPHeaderBlock) -> String? {
        guard let origin = Self.mirrored("origin", headers) else { return nil }
        return allowed?.contains(origin) ?? true ? origin : nil
    }

    /// Adds to `reply` what every answer but a preflight's carries.
    package static func decorate(_ reply: inout HTTPReply, origin: String?) {
        appendCommon(to: &reply, origin: origin)
        if origin != nil { reply.headers.append(HTTPReplyHeader("access-control-expose-headers", exposed)) }
    }

    /// The answer to `OPTIONS` on any path.
    func preflight(_ headers: HTTPHeaderBlock) -> HTTPReply {
        var reply = HTTPReply(status: 200)
        let origin = origin(of: headers)
        Self.appendCommon(to: &reply, origin: origin)
        guard allowed == nil || origin != nil else { return reply }
        if let method = Self.mirrored("access-control-request-method", headers) {
            reply.headers.append(HTTPReplyHeader("access-control-allow-methods", method))
        }
        if let names = Self.mirrored("access-control-request-headers", headers) {
            reply.headers.append(HTTPReplyHeader("access-control-allow-headers", names))
        }
        return reply
    }

    private static func appendCommon(to reply: inout HTTPReply, origin: String?) {
        if let origin { reply.headers.append(HTTPReplyHeader("access-control-allow-origin", origin)) }
        reply.headers.append(HTTPReplyHeader("access-control-allow-credentials", "true"))
        reply.headers.append(HTTPReplyHeader("vary", vary))
    }

    private static func mirrored(_ name: String, _ headers: HTTPHeaderBlock) -> String? {
        guard let position = headers.firstIndex(of: name), headers.withValue(at: position, VisibleASCII.holds) else {
            return nil
        }
        return headers.value(at: position)
    }
}
