import DurableModel
import HTTPWire

/// A path that names a handler (ingress reference 1.1, 1.2).
struct InvocationRoute {
    var service: ServiceDescriptor
    var key: String?
    var handlerName: String
    var isSend: Bool
    /// Percent-decoded, not yet judged.
    var scope: String?
}

extension Ingress {
    /// `/{service}[/{key}]/{handler}[/send]`.
    func legacyRoute(_ path: RequestPath, _ service: ServiceDescriptor) throws(IngressError) -> InvocationRoute {
        let segments = path.segments
        let isKeyed = service.kind != .service
        let handlerIndex = isKeyed ? 2 : 1
        let isSend = segments.count == handlerIndex + 2
        guard segments.count == handlerIndex + 1 || isSend && segments[handlerIndex + 1] == "send" else {
            throw .badServicePath(path.text, service: service.name, isKeyed: isKeyed)
        }
        return InvocationRoute(
            service: service, key: isKeyed ? try Self.key(path.segment(1)[...]) : nil,
            handlerName: path.segment(handlerIndex), isSend: isSend)
    }

    /// `/restate/{call,send}/{service}[/{key}]/{handler}`, or the same below `/restate/scope/{scope}`.
    func prefixedRoute(_ path: RequestPath) throws(IngressError) -> InvocationRoute {
        var segments = path.segments.dropFirst()
        var scope: String?
        if segments.first == "scope" {
            guard segments.count > 3 else {
                throw .badRestatePath(path.text, expected: "/restate/scope/{scope}/call/{service}/{handler}")
            }
            scope = try Self.key(segments[2])
            segments = segments.dropFirst(2)
        }
        let verb = segments.removeFirst()
        guard verb == "call" || verb == "send" else {
            throw .badRestatePath(path.text, expected: "/restate/scope/{scope}/call/… or the same with send")
        }
        guard let name = segments.popFirst() else {
            throw .badRestatePath(path.text, expected: "/restate/\(verb)/{service}/{handler}")
        }
        let service = try service(named: String(name))
        let isKeyed = service.kind != .service
        guard segments.count == (isKeyed ? 2 : 1), let handler = segments.last, let key = segments.first else {
            throw .badRestatePath(
                path.text, expected: "/restate/\(verb)/\(service.name)" + (isKeyed ? "/{key}/{handler}" : "/{handler}"))
        }
        return InvocationRoute(
            service: service, key: isKeyed ? try Self.key(key) : nil, handlerName: String(handler),
            isSend: verb == "send", scope: scope)
    }

    static func key(_ segment: Substring) throws(IngressError) -> String {
        guard let key = PercentEncoding.decodedSegment(segment) else { throw .keyNotUTF8(String(segment)) }
        return key
    }
}
