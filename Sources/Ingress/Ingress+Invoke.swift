import DurableModel
import HTTPWire

extension Ingress {
    /// The checks come in the order of ingress reference 1.3: of several things wrong with a request, clients of
    /// Restate know which one is reported.
    func invoke(
        _ route: InvocationRoute, _ message: HTTPMessage, _ path: RequestPath
    ) throws(IngressError) -> Decision {
        let handler = try publicHandler(route)
        let idempotencyKey = try idempotencyKey(message.headers, handler.kind, route.service)
        if let scope = route.scope { throw FlowControlText.isScope(scope) ? .scopeUnsupported : .badScope(scope) }
        guard message.method == "POST" || message.method == "GET" else {
            throw .methodNotAllowed(message.method, allowed: "GET, POST, OPTIONS")
        }
        try handler.input.check(message)
        if let problem = handler.inputProblem(message.body) { throw .inputInvalid(problem) }
        let query = QueryParameters(path.query)
        let delayMs = try delay(query)
        try refuseLimitKey(message.headers, query)
        let attaches = try runOrAttach(message.headers)
        let headers = try ForwardedHeaders.collect(message.headers, path: path.text)
        guard route.isSend || delayMs == nil else { throw .delayOnCall }

        let target = InvocationTarget(service: route.service.name, key: route.key, handler: handler.name)
        var command = InvokeCommand(
            target: target, mode: route.isSend ? .send(delayMs: delayMs) : .call, input: message.body,
            headers: headers, idempotencyKey: idempotencyKey)
        command.attachesToWorkflow = attaches && handler.kind == .workflowRun
        return .command(.invoke(consume command), ReplyShape(route.isSend ? .send : .call(handler.output)))
    }

    private func publicHandler(_ route: InvocationRoute) throws(IngressError) -> HandlerDescriptor {
        guard let handler = route.service.handlers[route.handlerName] else {
            throw .unknownHandler(service: route.service.name, handler: route.handlerName)
        }
        guard route.service.isPublic, handler.isPublic else {
            throw .privateHandler(service: route.service.name, handler: handler.name)
        }
        return handler
    }

    private func idempotencyKey(
        _ headers: HTTPHeaderBlock, _ kind: HandlerKind, _ service: ServiceDescriptor
    ) throws(IngressError) -> String? {
        guard let position = headers.firstIndex(of: "idempotency-key") else { return nil }
        guard headers.withValue(at: position, VisibleASCII.holds) else { throw .idempotencyKeyNotASCII }
        guard kind != .workflowRun else { throw .idempotencyKeyOnWorkflowRun(service: service.name) }
        return headers.value(at: position)
    }

    /// Beyond Restate, which answers a second call of a workflow with a conflict whatever the caller would like.
    private func runOrAttach(_ headers: HTTPHeaderBlock) throws(IngressError) -> Bool {
        switch headers.first("x-reprise-run-or-attach") {
        case nil, "false": false
        case "true": true
        case let other?: throw .badRunOrAttach(other)
        }
    }

    private func delay(_ query: QueryParameters) throws(IngressError) -> Int64? {
        guard let text = query.first("delay") else { return nil }
        guard let milliseconds = DelayGrammar.milliseconds(text) else { throw .badDelay(text) }
        return milliseconds
    }

    private func refuseLimitKey(_ headers: HTTPHeaderBlock, _ query: QueryParameters) throws(IngressError) {
        guard let key = headers.first("x-restate-limit-key") ?? query.first("limit-key"), !key.isEmpty else { return }
        throw FlowControlText.isLimitKey(key) ? .limitKeyWithoutScope : .badLimitKey(key)
    }
}
