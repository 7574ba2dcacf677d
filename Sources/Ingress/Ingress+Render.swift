package import DurableModel
package import HTTPWire

extension Ingress {
    /// Turns what the engine said into a response. `target` is that of the invocation, for those who look it up by its
    /// id and whose shape therefore does not know it; without it JSON is assumed.
    package func render(_ reply: ClientReply, _ shape: ReplyShape, target: InvocationTarget? = nil) -> HTTPReply {
        var response = response(reply, shape, target)
        CrossOrigin.decorate(&response, origin: shape.origin)
        return response
    }

    private func response(_ reply: ClientReply, _ shape: ReplyShape, _ target: InvocationTarget?) -> HTTPReply {
        switch reply {
        case .result(let id, .success(let body), let expiresAtMs):
            guard let rule = outputRule(shape, target) else { return IngressError.handlerGone.reply }
            return success(id, body, rule, expiresAtMs: expiresAtMs)
        case .result(let id, .failure(let failure), let expiresAtMs):
            return invocationFailure(id, failure, expiresAtMs: expiresAtMs)
        case .accepted(let id, let executionTimeMs, let isNew):
            return accepted(id, executionTimeMs: executionTimeMs, isNew: isNew)
        case .notCompleted: return IngressError.notCompleted.reply
        case .unknown(let id):
            // Restate answers an attach through the log, as if the invocation itself had said it.
            guard case .attach = shape.kind else { return IngressError.invocationNotFound.reply }
            return invocationFailure(id, TerminalFailure(code: 404, message: "not found"), expiresAtMs: nil)
        case .awakeableTaken, .steered: return HTTPReply(status: 202)
        case .refused(let refusal): return IngressError.refused(refusal).reply
        }
    }

    /// nil when the invocation's handler is known not to be registered any more.
    private func outputRule(_ shape: ReplyShape, _ target: InvocationTarget?) -> OutputRule? {
        switch shape.kind {
        case .call(let rule): rule
        case .attach(let rule), .output(let rule):
            switch rule {
            case .known(let rule): rule
            case .targetUnknown: if let target { catalog.handler(target)?.output } else { .automatic }
            case .handlerGone: nil
            }
        case .send, .awakeable: .automatic
        }
    }

    private func success(
        _ id: InvocationID, _ body: Bytes, _ rule: OutputRule, expiresAtMs: Int64?
    ) -> HTTPReply {
        var reply = HTTPReply(status: 200, body: body)
        reply.headers.reserveCapacity(7)
        switch rule {
        case .automatic where !body.isEmpty:
            reply.headers.append(HTTPReplyHeader("content-type", "application/json"))
        case .content(let type, let setIfEmpty) where setIfEmpty || !body.isEmpty:
            reply.headers.append(HTTPReplyHeader("content-type", type))
        default: break
        }
        reply.appendIdentity(id, expiresAtMs: expiresAtMs)
        return reply
    }

    private func accepted(_ id: InvocationID, executionTimeMs: Int64?, isNew: Bool) -> HTTPReply {
        let text = id.text
        let body = JSONWriter.object { json in
            json.member("invocationId", text)
            if let executionTimeMs { json.member("executionTime", MillisecondTime.rfc3339(executionTimeMs)) }
            json.member("status", isNew ? "Accepted" : "PreviouslyAccepted")
        }
        return HTTPReply(
            status: 202,
            headers: [HTTPReplyHeader("content-type", "application/json"), HTTPReplyHeader("x-restate-id", text)],
            body: body)
    }

    private func invocationFailure(
        _ id: InvocationID, _ failure: TerminalFailure, expiresAtMs: Int64?
    ) -> HTTPReply {
        // Restate's codes are 16 bits wide.
        let code = (0...65_535).contains(failure.code) ? failure.code : 500
        let body = JSONWriter.object { json in
            json.member("code", code)
            json.member("message", failure.message)
            if !failure.metadata.isEmpty {
                json.member("metadata", object: { json in
                    for (index, entry) in failure.metadata.enumerated()
                    where !failure.metadata[(index + 1)...].contains(where: { $0.name == entry.name }) {
                        json.member(entry.name, entry.value)
                    }
                })
            }
            json.member("source", "invocation")
        }
        var reply = HTTPReply(
            status: Self.status(ofFailure: code),
            headers: [
                HTTPReplyHeader("content-type", "application/json"),
                HTTPReplyHeader("x-restate-error-source", "invocation"),
            ], body: body)
        reply.appendIdentity(id, expiresAtMs: expiresAtMs)
        return reply
    }

    /// A code stands as it is unless HTTP cannot carry it, or not with the body that explains it.
    private static func status(ofFailure code: Int) -> Int {
        switch code {
        case 204, 304: 500
        case 200...999: code
        default: 500
        }
    }
}

extension HTTPReply {
    fileprivate mutating func appendIdentity(_ id: InvocationID, expiresAtMs: Int64?) {
        headers.append(HTTPReplyHeader("x-restate-id", id.text))
        if let expiresAtMs {
            headers.append(HTTPReplyHeader("idempotency-expires", MillisecondTime.rfc3339WithOffset(expiresAtMs)))
        }
    }
}
