import DurableModel
package import HTTPWire

/// The admin API as a function of the request and of what the backend knows.
package struct Admin: Sendable {
    private let configuration: AdminConfiguration

    package init(_ configuration: AdminConfiguration) { self.configuration = configuration }

    /// Whether the request changes something: then the caller asks the engine and renders what it says.
    package func decide(_ message: HTTPMessage) -> AdminDecision {
        do throws(AdminError) {
            try checkHost(message.headers)
            let request = AdminRequest(message.target)
            if let steering = try SteeringRequest(request, method: message.method) { return .steer(steering) }
            return .read(needsFigures: request.segments == ["metrics"])
        } catch {
            return .reply(error.reply)
        }
    }

    /// Answers what only reads. Blocks as long as the backend's reads do.
    package func answer(_ message: HTTPMessage, from backend: some AdminBackend) -> HTTPReply {
        do throws(AdminError) {
            try checkHost(message.headers)
            let request = AdminRequest(message.target)
            let answer = try answer(request, from: backend)
            guard message.method == "GET" || message.method == "HEAD" else {
                throw .methodNotAllowed(message.method, allowed: "GET, HEAD")
            }
            return try answer()
        } catch {
            return error.reply
        }
    }

    private typealias Answer = () throws(AdminError) -> HTTPReply

    /// What a path stands for, so that an unknown path is told before a wrong method.
    private func answer(_ request: AdminRequest, from backend: some AdminBackend) throws(AdminError) -> Answer {
        switch request.segments.first {
        case "health" where request.segments.count == 1: return { HTTPReply(status: 200) }
        case "version" where request.segments.count == 1: return { .json(version) }
        case "metrics" where request.segments.count == 1:
            return {
                HTTPReply(
                    status: 200, headers: [HTTPReplyHeader("content-type", PrometheusText.contentType)],
                    body: PrometheusText.render(backend.metrics()))
            }
        case "invocations" where request.segments.count == 1:
            return { () throws(AdminError) in try list(request, from: backend) }
        case "invocations" where request.segments.count == 2:
            let id = request.segments[1]
            return { () throws(AdminError) in try describe(id, from: backend) }
        case "invocations" where SteeringRequest.isPath(request):
            return { () throws(AdminError) in throw .methodNotAllowed("GET", allowed: "PATCH") }
        case "v1": throw .unsupportedVersion
        default: throw .notFound(request.path)
        }
    }

    /// DNS rebinding: a page may reach this port under a name of its own, but then its browser says so. An address is
    /// nobody's name.
    private func checkHost(_ headers: HTTPHeaderBlock) throws(AdminError) {
        guard let host = headers.first("host") else { return }
        let name = HostName.withoutPort(host)
        guard HostName.isFixed(name) || configuration.hosts.contains(where: { $0.lowercased() == name }) else {
            throw .misdirected(host)
        }
    }

    private var version: JSONTree {
        .object([
            ("version", .string(configuration.version)),
            ("min_admin_api_version", .number(2)),
            ("max_admin_api_version", .number(4)),
            ("ingress_endpoint", .optional(configuration.ingressEndpoint.map(JSONTree.string))),
            ("features", .object([])),
        ])
    }

    private func list(_ request: AdminRequest, from backend: some AdminBackend) throws(AdminError) -> HTTPReply {
        let filter = try request.invocationFilter()
        do throws(StoreError) {
            let found = try backend.invocations(matching: filter)
            return .json(.object([("invocations", .array(found.map { .object($0.summary) }))]))
        } catch {
            throw .storeFailed(error)
        }
    }

    private func describe(_ text: String, from backend: some AdminBackend) throws(AdminError) -> HTTPReply {
        let id: InvocationID
        do throws(IdentifierError) {
            id = try InvocationID(parsing: text)
        } catch {
            throw .badInvocationID(text, error)
        }
        do throws(StoreError) {
            guard let found = try backend.invocation(id) else { return AdminError.unknownInvocation(id).reply }
            return .json(found.description)
        } catch {
            throw .storeFailed(error)
        }
    }
}

extension HTTPReply {
    static func json(_ tree: JSONTree, status: Int = 200) -> HTTPReply {
        HTTPReply(
            status: status, headers: [HTTPReplyHeader("content-type", "application/json")], body: tree.text)
    }
}
