import DurableModel
import HTTPWire

/// Attach, output and lookup (ingress reference 4).
extension Ingress {
    enum LookupVerb {
        case attach, output

        init?(_ segment: Substring) {
            switch segment {
            case "attach": self = .attach
            case "output": self = .output
            default: return nil
            }
        }
    }

    /// `/restate/invocation/{id}/{verb}` or `/restate/invocation/{service}[/{key}]/{handler}/{idempotencyKey}/{verb}`.
    func lookUpByPath(_ message: HTTPMessage, _ path: RequestPath) throws(IngressError) -> Decision {
        let segments = path.segments
        guard segments.count > 3 else {
            throw .badRestatePath(path.text, expected: "/restate/invocation/{id}/attach or …/output")
        }
        if segments.count == 4 {
            guard let verb = LookupVerb(segments[3]) else { throw .notFound(path.text) }
            return try lookUp(verb, byID: segments[2], message)
        }
        let service = try service(named: String(segments[2]))
        let isKeyed = service.kind != .service
        guard segments.count == (isKeyed ? 7 : 6) else {
            throw .badRestatePath(
                path.text,
                expected: "/restate/invocation/\(service.name)" + (isKeyed ? "/{key}" : "")
                    + "/{handler}/{idempotencyKey}/attach or …/output")
        }
        let tail = segments.suffix(3)
        guard let verb = tail.last.flatMap(LookupVerb.init) else { throw .notFound(path.text) }
        let key = isKeyed ? try Self.key(segments[3]) : nil
        // Restate takes this segment as it stands, so clients that encode miss keys with reserved characters.
        let idempotencyKey = try Self.key(tail[tail.startIndex + 1])
        try message.requireMethod("GET")
        let target = InvocationTarget(service: service.name, key: key, handler: String(tail[tail.startIndex]))
        return lookUp(
            verb, .idempotent(target: target, key: idempotencyKey),
            ReplyShape.LookupOutput(service.handlers[target.handler]?.output))
    }

    /// `/restate/workflow/{name}/{key}/{verb}`; further segments are ignored, and the name need not be registered.
    func lookUpWorkflow(_ message: HTTPMessage, _ path: RequestPath) throws(IngressError) -> Decision {
        guard path.segments.count > 4 else {
            throw .badRestatePath(path.text, expected: "/restate/workflow/{name}/{key}/attach or …/output")
        }
        guard let verb = LookupVerb(path.segments[4]) else { throw .notFound(path.text) }
        let name = String(path.segments[2])
        let key = try Self.key(path.segments[3])
        try message.requireMethod("GET")
        return lookUp(verb, .workflowRun(service: name, key: key), ReplyShape.LookupOutput(runOutput(ofWorkflow: name)))
    }

    /// `GET /restate/{verb}/{id}` or `POST /restate/{verb}` with a target as body.
    func lookUp(_ verb: LookupVerb, _ message: HTTPMessage, _ path: RequestPath) throws(IngressError) -> Decision {
        switch path.segments.count {
        case 2:
            try message.requireMethod("POST")
            let target = try LookupTarget(body: message.body)
            return lookUp(verb, target.invocation, output(of: target))
        case 3: return try lookUp(verb, byID: path.segments[2], message)
        default:
            throw .badRestatePath(path.text, expected: "/restate/\(verb)/{id}, or POST /restate/\(verb) with a target")
        }
    }

    /// `POST /restate/lookup`: the id of a target, whether it exists or not.
    func resolveTarget(_ message: HTTPMessage, _ path: RequestPath) throws(IngressError) -> Decision {
        guard path.segments.count == 2 else { throw .badRestatePath(path.text, expected: "POST /restate/lookup") }
        try message.requireMethod("POST")
        let id = try LookupTarget(body: message.body).invocation
        return .reply(
            HTTPReply(
                status: 200, headers: [HTTPReplyHeader("content-type", "application/json")],
                body: JSONWriter.object { $0.member("invocationId", id.text) }))
    }

    private func lookUp(
        _ verb: LookupVerb, byID segment: Substring, _ message: HTTPMessage
    ) throws(IngressError) -> Decision {
        let id = try InvocationID(lookup: String(segment))
        try message.requireMethod("GET")
        return lookUp(verb, id, .targetUnknown)
    }

    private func lookUp(_ verb: LookupVerb, _ id: InvocationID, _ output: ReplyShape.LookupOutput) -> Decision {
        switch verb {
        case .attach: .command(.attach(id), ReplyShape(.attach(output)))
        case .output: .command(.output(id), ReplyShape(.output(output)))
        }
    }

    private func output(of target: LookupTarget) -> ReplyShape.LookupOutput {
        switch target {
        case .invocation: .targetUnknown
        case .workflow(let name, _): .init(runOutput(ofWorkflow: name))
        case .idempotent(let target, _): .init(catalog.handler(target)?.output)
        }
    }
}

extension ReplyShape.LookupOutput {
    /// nil stands for a handler that is not registered.
    fileprivate init(_ rule: OutputRule?) {
        self = rule.map { .known($0) } ?? .handlerGone
    }
}

extension InvocationID {
    init(lookup text: String) throws(IngressError) {
        do throws(IdentifierError) {
            try self.init(parsing: text)
        } catch {
            throw .badInvocationID(text, error)
        }
    }
}
