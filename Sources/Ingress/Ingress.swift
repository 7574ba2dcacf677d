package import DurableModel
package import HTTPWire

/// What becomes of a request.
package enum Decision: Sendable, Equatable {
    /// Answer at once; the engine is not asked.
    case reply(HTTPReply)
    /// Ask the engine, then answer with what `Ingress.render` makes of its reply and this shape.
    case command(ClientCommand, ReplyShape)
}

/// Whether the server can take commands.
package enum Readiness: Sendable, Equatable {
    case ready
    /// Commands and the health check are answered 503; what is wrong with a request is still said.
    case notReady(reason: String, retryAfterSeconds: Int)
}

/// Restate's ingress contract as two pure functions: request to command, reply of the engine to response.
///
/// It differs on purpose where Restate's own users stumble: typed inputs are decoded before acceptance; bad targets of
/// a lookup are 400, not 500; idempotency keys in paths are percent-decoded; a delay may be a bare number of
/// milliseconds; a workflow's caller may ask to attach (`x-reprise-run-or-attach: true`); refusals before the ingress
/// have its JSON and CORS headers; 405 says what is allowed, 429 and 503 when to come back; pages may read the ids in
/// answers. Credentials and headers in the server's name are not passed on to handlers. Scopes, limit keys and HTTP/2
/// are refused.
package struct Ingress: Sendable {
    let catalog: Catalog
    private let crossOrigin: CrossOrigin
    private let healthBody: Bytes
    private let runOutputs: [String: OutputRule]

    package init(catalog: Catalog, crossOrigin: CrossOrigin = CrossOrigin()) {
        self.catalog = catalog
        self.crossOrigin = crossOrigin
        healthBody = JSONWriter.object { $0.member("services", catalog.serviceNames) }
        var runOutputs: [String: OutputRule] = [:]
        for name in catalog.serviceNames {
            let runs = catalog.service(name)?.handlers.values.filter { $0.kind == .workflowRun } ?? []
            runOutputs[name] = runs.min { $0.name < $1.name }?.output
        }
        self.runOutputs = runOutputs
    }

    func service(named name: String) throws(IngressError) -> ServiceDescriptor {
        guard let service = catalog.service(name) else { throw .unknownService(name) }
        return service
    }

    /// What the run handler of a workflow returns; nil when there is no such workflow.
    func runOutput(ofWorkflow name: String) -> OutputRule? { runOutputs[name] }

    /// Judges a request whole: what it asks of the engine, or why it is refused. Nothing that it says depends on what
    /// the engine knows, so a `.reply` need not wait for anything to become durable.
    package func decide(_ message: HTTPMessage, readiness: Readiness = .ready) -> Decision {
        if message.method == "OPTIONS" { return .reply(crossOrigin.preflight(message.headers)) }
        let origin = crossOrigin.origin(of: message.headers)
        do throws(IngressError) {
            var decision = try route(message, readiness)
            if origin == nil, case .ready = readiness, case .command = decision { return decision }
            switch decision {
            case .reply(var reply):
                CrossOrigin.decorate(&reply, origin: origin)
                decision = .reply(reply)
            case .command(let command, var shape):
                if case .notReady(let reason, let seconds) = readiness {
                    throw .notReady(reason, retryAfterSeconds: seconds)
                }
                shape.origin = origin
                decision = .command(command, shape)
            }
            return decision
        } catch {
            var reply = error.reply
            CrossOrigin.decorate(&reply, origin: origin)
            return .reply(reply)
        }
    }

    /// A refusal from below the ingress (body too large, too many connections) in the ingress's form.
    package func reply(to refusal: HTTPRefusal) -> HTTPReply {
        var reply = IngressError.jsonReply(status: refusal.status, message: refusal.message)
        reply.headers += refusal.advice
        CrossOrigin.decorate(&reply, origin: refusal.headers.flatMap(crossOrigin.origin(of:)))
        return reply
    }

    private func route(_ message: HTTPMessage, _ readiness: Readiness) throws(IngressError) -> Decision {
        let path = RequestPath(message.target)
        guard (2...7).contains(path.segments.count) else { throw .badPath(message.target) }
        let first = path.segment(0)
        switch first {
        case "restate": return try routeRestate(message, path, readiness)
        case "openapi": throw .notFound(path.text)
        default: return try invoke(try legacyRoute(path, try service(named: first)), message, path)
        }
    }

    private func routeRestate(
        _ message: HTTPMessage, _ path: RequestPath, _ readiness: Readiness
    ) throws(IngressError) -> Decision {
        switch path.segment(1) {
        case "call", "send", "scope": try invoke(try prefixedRoute(path), message, path)
        case "awakeables", "a": try completeAwakeable(message, path)
        case "invocation": try lookUpByPath(message, path)
        case "workflow": try lookUpWorkflow(message, path)
        case "attach": try lookUp(.attach, message, path)
        case "output": try lookUp(.output, message, path)
        case "lookup": try resolveTarget(message, path)
        case "health": try health(message, readiness)
        default: throw .notFound(path.text)
        }
    }

    private func health(_ message: HTTPMessage, _ readiness: Readiness) throws(IngressError) -> Decision {
        try message.requireMethod("GET")
        if case .notReady(let reason, let seconds) = readiness { throw .notReady(reason, retryAfterSeconds: seconds) }
        return .reply(
            HTTPReply(
                status: 200, headers: [HTTPReplyHeader("content-type", "application/json")], body: healthBody))
    }
}

extension HTTPMessage {
    func requireMethod(_ allowed: String) throws(IngressError) {
        guard method == allowed else { throw .methodNotAllowed(method, allowed: "\(allowed), OPTIONS") }
    }
}
