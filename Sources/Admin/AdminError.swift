import DurableModel
import HTTPWire

/// Every refusal of the admin API, with its status and text.
enum AdminError: Error, Equatable {
    case notFound(String)
    case unsupportedVersion
    case methodNotAllowed(String, allowed: String)
    case misdirected(String)
    case badInvocationID(String, IdentifierError)
    case unknownInvocation(InvocationID)
    case badParameter(String, value: String, expected: String)
    case storeFailed(StoreError)
    /// What steering an invocation came to, if it came to nothing.
    case refused(status: Int, String)

    var status: Int {
        switch self {
        case .notFound, .unknownInvocation: 404
        case .unsupportedVersion, .badInvocationID, .badParameter: 400
        case .methodNotAllowed: 405
        case .misdirected: 421
        case .refused(let status, _): status
        case .storeFailed(let error): error.code == .busy || error.code == .full ? 503 : 500
        }
    }

    var message: String {
        switch self {
        case .notFound(let path): "not found: nothing is served at \(path)"
        case .unsupportedVersion: "admin API version 1 is not supported: use /v2, /v3, /v4 or no prefix"
        case .methodNotAllowed(let method, let allowed): "method \(method) is not allowed here: use \(allowed)"
        case .misdirected(let host):
            "this server does not answer for host '\(host)': address it as localhost, by its address, or by a "
                + "name that --admin-host allows"
        case .badInvocationID(let text, let error): "bad invocation id '\(text)': \(error)"
        case .unknownInvocation(let id): "invocation \(id.text) not found"
        case .badParameter(let name, let value, let expected): "bad \(name) '\(value)': use \(expected)"
        case .refused(_, let message): message
        case .storeFailed(let error): "the store could not be read: \(error.description)"
        }
    }

    var reply: HTTPReply {
        var reply = HTTPReply.json(.object([("message", .string(message))]), status: status)
        if case .methodNotAllowed(_, let allowed) = self { reply.headers.append(HTTPReplyHeader("allow", allowed)) }
        if status == 503 { reply.headers.append(HTTPReplyHeader("retry-after", "1")) }
        return reply
    }
}
