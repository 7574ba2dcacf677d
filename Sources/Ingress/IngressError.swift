import DurableModel
import HTTPWire

/// Every refusal that the ingress itself pronounces, with its status and text: the only such table. What invocations
/// end with is not here; see `Ingress.render`.
enum IngressError: Error, Equatable {
    case badPath(String)
    case badServicePath(String, service: String, isKeyed: Bool)
    case badRestatePath(String, expected: String)
    case notFound(String)
    case unknownService(String)
    case unknownHandler(service: String, handler: String)
    case keyNotUTF8(String)
    case privateHandler(service: String, handler: String)
    case methodNotAllowed(String, allowed: String)

    case idempotencyKeyNotASCII
    case idempotencyKeyOnWorkflowRun(service: String)
    case badScope(String)
    case scopeUnsupported
    case badLimitKey(String)
    case limitKeyWithoutScope
    case headerNotASCII(String)
    case badRunOrAttach(String)

    case bodyNotExpected
    case contentTypeMissing(expected: String)
    case contentTypeMismatch(String, expected: String)
    case bodyEmpty(contentType: String)
    case inputInvalid(String)
    case badDelay(String)
    case delayOnCall

    case badInvocationID(String, IdentifierError)
    case badAwakeableID(String, IdentifierError)
    case badLookupBody(String)
    case lookupBodyTooLarge(limit: Int)

    case notCompleted
    case invocationNotFound
    case handlerGone
    case notReady(String, retryAfterSeconds: Int)
    case refused(Refusal)

    var status: Int {
        switch self {
        case .notFound, .unknownService, .unknownHandler, .invocationNotFound, .handlerGone: 404
        case .methodNotAllowed: 405
        case .lookupBodyTooLarge: 413
        case .notCompleted: 470
        case .notReady: 503
        case .refused(let refusal): refusal.status
        default: 400
        }
    }

    var message: String { pathMessage ?? requestMessage ?? outcomeMessage }

    private var pathMessage: String? {
        switch self {
        case .badPath(let path):
            "bad path: \(Self.excerpt(path)): use /{service}/{handler}, /{object}/{key}/{handler}, each with or "
                + "without /send, or a path below /restate/"
        case .badServicePath(let path, let service, let isKeyed):
            "bad path: \(Self.excerpt(path)): '\(service)' "
                + (isKeyed
                    ? "has keys, use /\(service)/{key}/{handler} or /\(service)/{key}/{handler}/send"
                    : "has no keys, use /\(service)/{handler} or /\(service)/{handler}/send")
        case .badRestatePath(let path, let expected): "bad path: \(Self.excerpt(path)): use \(expected)"
        case .notFound(let path): "not found: nothing is served at \(Self.excerpt(path))"
        case .unknownService(let name):
            "service '\(Self.excerpt(name))' not found, make sure to register the service before calling it."
        case .unknownHandler(let service, let handler):
            "handler '\(Self.excerpt(handler))' of service '\(service)' not found: the service exists, but it has no "
                + "handler of that name."
        case .keyNotUTF8(let segment):
            "bad path: '\(Self.excerpt(segment))' does not decode to UTF-8: percent-encode the key's UTF-8 bytes"
        case .privateHandler(let service, let handler):
            "handler '\(handler)' of service '\(service)' is private: only other handlers may call it"
        case .methodNotAllowed(let method, let allowed):
            "method \(Self.excerpt(method)) is not allowed here: use \(allowed)"
        default: nil
        }
    }

    private var requestMessage: String? {
        switch self {
        case .idempotencyKeyNotASCII: "bad header idempotency-key: its value must be visible ASCII"
        case .idempotencyKeyOnWorkflowRun(let service):
            "idempotency-key cannot be used with the run handler of workflow '\(service)': the workflow's key already "
                + "makes it run once"
        case .badScope(let scope):
            "bad scope '\(Self.excerpt(scope))': use 1 to 36 characters of a-z A-Z 0-9 _ . -"
        case .scopeUnsupported: "scopes are not enabled on this server: leave the scope out"
        case .badLimitKey(let key):
            "bad limit key '\(Self.excerpt(key))': use one or two components joined by /, each of 1 to 36 characters "
                + "of a-z A-Z 0-9 _ . -"
        case .limitKeyWithoutScope: "a limit key needs a scope, and this request has none"
        case .headerNotASCII(let name): "bad header \(Self.excerpt(name)): its value must be visible ASCII"
        case .badRunOrAttach(let value):
            "bad header x-reprise-run-or-attach '\(Self.excerpt(value))': use true or false"
        case .bodyNotExpected: "this handler takes no input: send neither a body nor a content-type"
        case .contentTypeMissing(let expected): "content-type is missing: send content-type: \(expected)"
        case .contentTypeMismatch(let found, let expected):
            "content-type '\(Self.excerpt(found))' does not fit: send content-type: \(expected)"
        case .bodyEmpty(let contentType): "the body is empty: send a body of content-type \(contentType)"
        case .inputInvalid(let problem): "input validation error: \(problem)"
        case .badDelay(let text):
            "bad delay '\(Self.excerpt(text))': use a duration such as 10s, 1h30m, PT10S or a number of milliseconds; "
                + "not negative, no months or years"
        case .delayOnCall: "delay works with send only: append /send to the path, or leave delay out"
        default: nil
        }
    }

    private var outcomeMessage: String {
        switch self {
        case .badInvocationID(let text, let error): "bad invocation id '\(Self.excerpt(text))': \(error)"
        case .badAwakeableID(let text, let error): "bad awakeable id '\(Self.excerpt(text))': \(error)"
        case .badLookupBody(let problem):
            "bad target in the body: \(problem); use "
                + #"{"target":"invocation","invocationId":…}, "#
                + #"{"target":"workflow","workflowName":…,"workflowKey":…} or "#
                + #"{"target":"idempotentInvocation","service":…,"key":…,"handler":…,"idempotencyKey":…}"#
        case .lookupBodyTooLarge(let limit): "the body is larger than the \(limit) bytes that a target may have"
        case .notCompleted: "the invocation has not completed yet: ask again later, or attach to wait for it"
        case .invocationNotFound: "invocation not found"
        case .handlerGone: "not found: the handler of this invocation is no longer registered"
        case .notReady(let reason, _): "not ready: \(reason); nothing was recorded, retry later"
        case .refused(let refusal): refusal.message
        default: "not found"
        }
    }

    /// The JSON form, without CORS headers.
    var reply: HTTPReply {
        var reply = Self.jsonReply(status: status, message: message)
        switch self {
        case .methodNotAllowed(_, let allowed): reply.headers.append(HTTPReplyHeader("allow", allowed))
        case .notReady(_, let seconds): reply.headers.append(HTTPReplyHeader("retry-after", String(seconds)))
        case .refused(let refusal):
            reply.headers.append(HTTPReplyHeader("retry-after", String(refusal.retryAfterSeconds)))
        default: break
        }
        return reply
    }

    static func jsonReply(status: Int, message: String) -> HTTPReply {
        let body = JSONWriter.object { json in
            json.member("code", status)
            json.member("message", message)
            json.member("source", "ingress")
        }
        return HTTPReply(
            status: status,
            headers: [
                HTTPReplyHeader("content-type", "application/json"),
                HTTPReplyHeader("x-restate-error-source", "ingress"),
            ], body: body)
    }

    /// What a caller sent, short enough to be sent back.
    private static func excerpt(_ text: String) -> String {
        let maxCharacters = 200
        return text.count <= maxCharacters ? text : text.prefix(maxCharacters) + "…"
    }
}
