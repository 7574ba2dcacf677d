import DurableModel

/// The JSON body of attach, output and lookup (ingress reference 4.2). Unknown members are ignored.
enum LookupTarget: Equatable {
    case invocation(InvocationID)
    case workflow(name: String, key: String)
    case idempotent(InvocationTarget, key: String)

    private static let maxBodyBytes = 65_536

    init(body: Bytes) throws(IngressError) {
        guard body.count <= Self.maxBodyBytes else { throw .lookupBodyTooLarge(limit: Self.maxBodyBytes) }
        let json: JSONValue
        do throws(JSONError) {
            json = try JSONReader.read(body)
        } catch {
            throw .badLookupBody("\(error.message) at byte \(error.offset)")
        }
        guard case .object = json else { throw .badLookupBody("it is not a JSON object") }
        switch try Self.text("target", json) {
        case "invocation": self = .invocation(try InvocationID(lookup: try Self.text("invocationId", json)))
        case "workflow":
            self = .workflow(name: try Self.text("workflowName", json), key: try Self.text("workflowKey", json))
            try Self.refuseScope(json)
        case "idempotentInvocation":
            let target = InvocationTarget(
                service: try Self.text("service", json), key: try Self.optionalText("key", json),
                handler: try Self.text("handler", json))
            self = .idempotent(target, key: try Self.text("idempotencyKey", json))
            try Self.refuseScope(json)
        case let other: throw .badLookupBody("target '\(other)' is unknown")
        }
    }

    var invocation: InvocationID {
        switch self {
        case .invocation(let id): id
        case .workflow(let name, let key): .workflowRun(service: name, key: key)
        case .idempotent(let target, let key): .idempotent(target: target, key: key)
        }
    }

    private static func refuseScope(_ json: JSONValue) throws(IngressError) {
        guard let scope = try optionalText("scope", json) else { return }
        throw FlowControlText.isScope(scope) ? .scopeUnsupported : .badScope(scope)
    }

    private static func text(_ name: String, _ json: JSONValue) throws(IngressError) -> String {
        guard let text = try optionalText(name, json) else { throw .badLookupBody("member '\(name)' is missing") }
        return text
    }

    private static func optionalText(_ name: String, _ json: JSONValue) throws(IngressError) -> String? {
        switch json[name] {
        case nil, .null: return nil
        case .string(let text): return text
        default: throw .badLookupBody("member '\(name)' must be a string")
        }
    }
}
