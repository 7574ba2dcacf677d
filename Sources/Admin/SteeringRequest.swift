package import DurableModel
package import HTTPWire

/// What is to be done with a request of the admin API.
package enum AdminDecision: Sendable {
    /// Answer it from what is committed.
    case read
    case reply(HTTPReply)
    /// Ask the engine, and render the result.
    case steer(SteeringRequest)
}

/// A request that does something to an invocation: `PATCH /invocations/{id}/{operation}`, or the older
/// `DELETE /invocations/{id}?mode=…`. Statuses and bodies as in Restate.
package struct SteeringRequest: Sendable, Equatable {
    package let id: InvocationID
    package let steering: Steering
    /// The older form says only that it has heard.
    let isFireAndForget: Bool

    private static let operations = [
        "cancel", "kill", "purge", "purge-journal", "pause", "resume", "restart-as-new",
    ]

    static func isPath(_ request: AdminRequest) -> Bool {
        request.segments.count == 3 && operations.contains(request.segments[2])
    }

    /// nil when the request is none of these.
    init?(_ request: AdminRequest, method: String) throws(AdminError) {
        guard request.segments.first == "invocations" else { return nil }
        switch (method, request.segments.count) {
        case ("DELETE", 2):
            steering = try Self.mode(request)
            isFireAndForget = true
        case ("PATCH", 3) where Self.isPath(request):
            steering = try Self.operation(request)
            isFireAndForget = false
        case ("GET", _), ("HEAD", _): return nil
        case (_, 3) where Self.isPath(request): throw .methodNotAllowed(method, allowed: "PATCH")
        case (_, 2): throw .methodNotAllowed(method, allowed: "GET, HEAD, DELETE")
        default: return nil
        }
        guard let id = try? InvocationID(parsing: request.segments[1]) else {
            throw .refused(status: 400, "request field 'invocation_id' is invalid: '\(request.segments[1])'")
        }
        self.id = id
    }

    private static func mode(_ request: AdminRequest) throws(AdminError) -> Steering {
        switch request.first("mode") {
        case nil, "cancel", "Cancel": return .cancel
        case "kill", "Kill": return .kill
        case "purge", "Purge": return .purge
        case let other?: throw .badParameter("mode", value: other, expected: "cancel, kill or purge")
        }
    }

    private static func operation(_ request: AdminRequest) throws(AdminError) -> Steering {
        switch request.segments[2] {
        case "cancel": return .cancel
        case "kill": return .kill
        case "purge": return .purge
        case "purge-journal": return .purgeJournal
        case "pause": return .pause
        case "resume":
            try checkDeployment(request)
            return .resume
        default:
            try checkDeployment(request)
            return .restartAsNew(keptEntries: try keptEntries(request))
        }
    }

    /// There is one deployment, this binary: whatever is kept and whatever is latest is this one.
    private static func checkDeployment(_ request: AdminRequest) throws(AdminError) {
        guard let deployment = request.first("deployment"), !["keep", "latest"].contains(deployment.lowercased()) else {
            return
        }
        throw .badParameter("deployment", value: deployment, expected: "keep or latest: this server is its only one")
    }

    /// Restate counts the input as entry 0, which this journal does not hold: so the index is a number of entries.
    private static func keptEntries(_ request: AdminRequest) throws(AdminError) -> Int {
        guard let text = request.first("from") else { return 0 }
        let isNumber = text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard isNumber, let from = Int(text) else {
            throw .badParameter("from", value: text, expected: "the index of a journal entry")
        }
        return from
    }

    package func render(_ reply: ClientReply) -> HTTPReply {
        switch reply {
        case .refused(let refusal): AdminError.refused(status: refusal.status, refusal.message).reply
        case .steered where isFireAndForget: HTTPReply(status: 202)
        case .steered(let result): render(result)
        default: AdminError.refused(status: 500, "the engine answered something else").reply
        }
    }

    private func render(_ result: SteeringResult) -> HTTPReply {
        switch result {
        case .done: HTTPReply(status: 200)
        case .requested: HTTPReply(status: 202)
        case .restarted(let id): .json(.object([("new_invocation_id", .string(id.text))]))
        case .unknown: AdminError.unknownInvocation(id).reply
        case .conflict(let why): AdminError.refused(status: 409, why).reply
        case .tooEarly(let why): AdminError.refused(status: 425, why).reply
        case .unsupported(let why): AdminError.refused(status: 422, why).reply
        case .gone(let why): AdminError.refused(status: 410, why).reply
        case .invalid(let why): AdminError.refused(status: 400, why).reply
        }
    }
}
