public import HTTPTypes

/// A plain HTTP route beside the services, for paths and formats that are the application's own:
///
///     Route.post("/reserve/{seat}") { request, client in
///         let user = try request.json(User.self)
///         let ticket = client.object(Ticket.self, key: request.parameter("seat"))
///         let isHeld = try await ticket.call(Ticket.reserve, user.id)
///         return .json(isHeld)
///     }
///
/// Routes are matched before services. The first segment must be literal and not the name of a service; a `{name}`
/// segment matches any one segment, and literal segments win over it.
///
/// A route runs outside of the journal: what is to survive a crash belongs into a handler that it calls. A
/// `TerminalError` that it throws becomes an answer with its code, `InputProblem` one with 400, anything else 500.
public struct Route: Sendable {
    /// The code of a route; runs in any number of tasks at a time.
    public typealias Body = @Sendable @concurrent (RouteRequest, RepriseClient) async throws -> RouteResponse

    /// nil matches every method.
    public let method: HTTPRequest.Method?
    /// Starts with `/`.
    public let path: String
    /// Which other origins may use it from a browser; nil: none.
    public private(set) var cors: CORSPolicy?
    /// Whether it answers also those who show no token to a server that asks for one.
    public private(set) var isOpen = false
    package let body: Body

    public init(_ method: HTTPRequest.Method?, _ path: String, cors: CORSPolicy? = nil, _ body: @escaping Body) {
        self.method = method
        self.path = path
        self.cors = cors
        self.body = body
    }

    /// The same route for everybody, token or not: a page that asks for the token, and what that page is made of. What
    /// it does must be harmless in anybody's hands.
    public func open() -> Route {
        var route = self
        route.isOpen = true
        return route
    }

    /// The same route for the pages of fewer origins; nil changes nothing.
    package func restricted(toOrigins allowed: [String]?) -> Route {
        guard let allowed, let policy = cors else { return self }
        var route = self
        switch policy.origins {
        case .any: route.cors?.origins = .only(allowed)
        case .only(let origins): route.cors?.origins = .only(origins.filter(allowed.contains))
        }
        return route
    }

    /// Matches every method; a route for the very method wins over it.
    public static func any(_ path: String, cors: CORSPolicy? = nil, _ body: @escaping Body) -> Route {
        Route(nil, path, cors: cors, body)
    }

    /// Answers `HEAD` too.
    public static func get(_ path: String, cors: CORSPolicy? = nil, _ body: @escaping Body) -> Route {
        Route(.get, path, cors: cors, body)
    }

    /// A route for `POST`.
    public static func post(_ path: String, cors: CORSPolicy? = nil, _ body: @escaping Body) -> Route {
        Route(.post, path, cors: cors, body)
    }

    /// A route for `PUT`.
    public static func put(_ path: String, cors: CORSPolicy? = nil, _ body: @escaping Body) -> Route {
        Route(.put, path, cors: cors, body)
    }

    /// A route for `DELETE`.
    public static func delete(_ path: String, cors: CORSPolicy? = nil, _ body: @escaping Body) -> Route {
        Route(.delete, path, cors: cors, body)
    }
}
