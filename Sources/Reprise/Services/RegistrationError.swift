/// Why a set of services and routes cannot be served. Raised at start, before anything is accepted.
public enum RegistrationError: Error, Hashable, Sendable, CustomStringConvertible {
    case invalidServiceName(String)
    /// The name belongs to the server's own paths.
    case reservedServiceName(String)
    case duplicateService(String)
    /// A service without handlers cannot be called.
    case noHandlers(service: String)
    case invalidHandlerName(service: String, handler: String)
    case duplicateHandler(service: String, handler: String)
    /// A private handler is named that the service does not list.
    case unknownPrivateHandler(service: String, handler: String)
    /// A workflow has one handler made by `workflow`, not none and not several.
    case notOneWorkflowRun(service: String, found: Int)
    /// The service has transactional steps, and this engine cannot execute any.
    case tablesNotKept(service: String)
    case invalidTables(service: String, reason: String)
    case invalidRoute(String, reason: String)
    case duplicateRoute(String)
    /// A route's first segment is a service name or `restate`, so that one of both could never be reached.
    case routeHidesService(route: String, service: String)

    public var description: String {
        switch self {
        case .invalidServiceName(let name):
            "service name '\(name)' does not match ([a-zA-Z]|_[a-zA-Z0-9])[a-zA-Z0-9._-]*"
        case .reservedServiceName(let name):
            "service name '\(name)' is reserved: names must not start with 'restate' and must not be 'openapi'"
        case .duplicateService(let name):
            "service '\(name)' is registered twice"
        case .noHandlers(let service):
            "service '\(service)' lists no handlers"
        case .invalidHandlerName(let service, let handler):
            "handler name '\(handler)' of service '\(service)' does not match ([a-zA-Z]|_[a-zA-Z0-9])[a-zA-Z0-9_]*"
        case .duplicateHandler(let service, let handler):
            "service '\(service)' lists handler '\(handler)' twice"
        case .unknownPrivateHandler(let service, let handler):
            "service '\(service)' hides handler '\(handler)', which it does not list"
        case .notOneWorkflowRun(let service, let found):
            "workflow '\(service)' lists \(found) handlers made by workflow(…); it must have exactly one"
        case .tablesNotKept(let service):
            "service '\(service)' declares tables, and this engine keeps none for services"
        case .invalidTables(let service, let reason):
            "the tables of service '\(service)' cannot be kept: \(reason)"
        case .invalidRoute(let route, let reason):
            "route '\(route)' is invalid: \(reason)"
        case .duplicateRoute(let route):
            "route '\(route)' is declared twice"
        case .routeHidesService(let route, let service):
            "route '\(route)' starts with '\(service)', which belongs to the server or to a service"
        }
    }
}
