import HTTPTransport
import HTTPTypes
import HTTPWire
import Ingress
import Logging
import Reprise

/// Plain HTTP routes: matched before services, executed as tasks of their own.
struct RouteEndpoint: Sendable {
    let table: RouteTable
    let client: RepriseClient
    let feed: EventFeed
    /// What opens the server is not shown to routes.
    let hidesCredentials: Bool
    let logger: Logger

    /// What a route leads to.
    enum Answer: Sendable {
        case whole(HTTPReply)
        /// Goes on with what is published.
        case stream(HTTPReply, StreamStart)
    }

    /// False when `handle` takes no such request.
    func mayTake(_ message: HTTPMessage) -> Bool { table.mayMatch(message.target) }

    /// Takes the request if a route is meant; `reply` is called once then. False leaves it to the ingress.
    func handle(
        _ message: HTTPMessage, _ readiness: Readiness, _ reply: @escaping @Sendable (Answer) -> Void
    ) -> Bool {
        guard let method = HTTPRequest.Method(message.method) else { return false }
        let (path, query) = split(message.target)
        switch table.match(method, path: path) {
        case .none:
            return false
        case .preflight(let policy, let methods):
            let origin = message.headers.first("origin")
            reply(.whole(HTTPReply(policy.preflight(origin: origin, methods: methods))))
        case .methodNotAllowed(let methods):
            let allow = methods.map(\.rawValue).joined(separator: ", ")
            var response = RouteResponse.text("Method not allowed", status: .methodNotAllowed)
            response.headers[.allow] = allow
            reply(.whole(HTTPReply(response)))
        case .route(let route, let parameters):
            var headers = HTTPFields(message.headers)
            if hidesCredentials { headers.removeCredentials() }
            let request = RouteRequest(
                method: method, path: path, parameters: parameters, query: query, headers: headers,
                body: message.body)
            if case .notReady(let reason, let seconds) = readiness {
                let busy = ServerBusy(status: 503, message: reason, retryAfterSeconds: seconds)
                reply(.whole(HTTPReply(route.withCORS(.failure(busy), for: request))))
            } else {
                execute(route, request, reply)
            }
        }
        return true
    }

    private func execute(_ route: Route, _ request: RouteRequest, _ reply: @escaping @Sendable (Answer) -> Void) {
        Task {
            var response: RouteResponse
            do {
                response = try await route.body(request, client)
            } catch {
                if !(error is TerminalError || error is InputProblem || error is ServerBusy) {
                    logger.error("route \(route.path) failed: \(error)")
                }
                response = .failure(error)
            }
            response = route.withCORS(response, for: request)
            guard case .events(let topics) = response.body, request.method != .head else {
                return reply(.whole(HTTPReply(response)))
            }
            guard let place = feed.takePlace() else {
                let busy = ServerBusy(status: 503, message: "too many listen already", retryAfterSeconds: 5)
                return reply(.whole(HTTPReply(route.withCORS(.failure(busy), for: request))))
            }
            let lastEventID = request.header("last-event-id")
            reply(.stream(HTTPReply(response), stream(topics, after: lastEventID, place)))
        }
    }

    /// The place is given back when the connection lets go of this, whether or not the stream ever began.
    private func stream(_ topics: [Topic], after lastEventID: String?, _ place: EventFeed.Place) -> StreamStart {
        let names = Set(topics.map(\.name))
        return { [feed] stream in
            let listener = feed.add(names, after: lastEventID, place) { stream.send($0) }
            return { feed.remove(listener) }
        }
    }

    private func split(_ target: String) -> (path: String, query: String) {
        guard let mark = target.utf8.firstIndex(of: UInt8(ascii: "?")) else { return (target, "") }
        return (String(target[..<mark]), String(target[target.utf8.index(after: mark)...]))
    }
}

extension Route {
    fileprivate func withCORS(_ response: RouteResponse, for request: RouteRequest) -> RouteResponse {
        var response = response
        if let cors { response.headers.append(contentsOf: cors.fields(forOrigin: request.headers[.origin])) }
        return response
    }
}

extension HTTPReply {
    init(_ response: RouteResponse) {
        let headers = response.headers.map { HTTPReplyHeader($0.name.canonicalName, $0.value) }
        switch response.body {
        case .bytes(let bytes): self.init(status: response.status.code, headers: headers, body: bytes)
        case .events:
            self.init(status: response.status.code, headers: headers)
            isStream = true
        }
    }
}

extension HTTPFields {
    /// Fields whose names or values the ecosystem's types do not allow are left out.
    init(_ block: HTTPHeaderBlock) {
        self.init()
        for index in 0..<block.count {
            guard let name = HTTPField.Name(block.name(at: index)) else { continue }
            append(HTTPField(name: name, value: block.value(at: index)))
        }
    }
}

extension RouteTable {
    /// Whether the request leads to a route that needs no token.
    func isOpen(_ message: HTTPMessage) -> Bool {
        guard let method = HTTPRequest.Method(message.method) else { return false }
        guard case .route(let route, _) = match(method, path: String(message.path)) else { return false }
        return route.isOpen
    }
}
