package import HTTPTypes

/// Finds the route for a request. A value: what matches depends on nothing but the request.
package struct RouteTable: Sendable {
    package enum Match: Sendable {
        case route(Route, parameters: [String: String])
        /// A browser asks before it sends; answer by the policy.
        case preflight(CORSPolicy, methods: [HTTPRequest.Method])
        /// The path exists, the method does not.
        case methodNotAllowed([HTTPRequest.Method])
        case none
    }

    private struct Entry: Sendable {
        let pattern: RoutePattern
        var routes: [Route]

        var cors: CORSPolicy? { routes.lazy.compactMap(\.cors).first }
        var methods: [HTTPRequest.Method] { routes.compactMap(\.method) }

        /// The route for the very method, then for `GET` when `HEAD` is asked, then the one for every method.
        func route(for method: HTTPRequest.Method) -> Route? {
            routes.first { $0.method == method }
                ?? (method == .head ? routes.first { $0.method == .get } : nil)
                ?? routes.first { $0.method == nil }
        }
    }

    /// By first segment: a request for a service costs one look-up.
    private var entries: [String: [Entry]] = [:]
    private var firstSegments: [[UInt8]] = []

    package init(_ routes: [Route], services: [ErasedService]) throws(RegistrationError) {
        let taken = Set(services.map(\.name)).union(["restate"])
        for route in routes {
            let pattern = try RoutePattern(route.path)
            guard let first = pattern.shape.first.flatMap({ $0 }) else { continue }
            guard !taken.contains(first) else { throw .routeHidesService(route: route.path, service: first) }
            try add(route, pattern, under: first)
        }
        firstSegments = entries.keys.map { Array($0.utf8) }
    }

    package var isEmpty: Bool { entries.isEmpty }

    /// False when no route begins like this target, which nearly all requests for services are told: the few first
    /// segments are compared sooner than a text is made of this one and hashed.
    package func mayMatch(_ target: String) -> Bool {
        var target = target
        return target.withUTF8 { bytes in
            guard bytes.first == UInt8(ascii: "/") else { return false }
            let first = bytes.dropFirst().prefix { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") }
            return first.contains(UInt8(ascii: "%"))
                || firstSegments.contains { $0.count == first.count && $0.elementsEqual(first) }
        }
    }

    /// `path` as sent, without the query.
    package func match(_ method: HTTPRequest.Method, path: String) -> Match {
        guard !entries.isEmpty, path.utf8.first == UInt8(ascii: "/") else { return .none }
        let bytes = Array(path.utf8.dropFirst())
        guard let first = PercentEncoding.decoded(bytes.prefix { $0 != UInt8(ascii: "/") }),
            let candidates = entries[first]
        else { return .none }
        let raw = bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        let segments = raw.compactMap(PercentEncoding.decoded)
        guard segments.count == raw.count else { return .none }
        var allowed: [HTTPRequest.Method] = []
        for entry in candidates {
            guard let parameters = entry.pattern.match(segments) else { continue }
            if method == .options, let policy = entry.cors, !entry.methods.contains(.options) {
                let answersAll = entry.routes.contains { $0.method == nil }
                return .preflight(policy, methods: answersAll ? [.get, .post, .put, .delete, .patch] : entry.methods)
            }
            if let route = entry.route(for: method) { return .route(route, parameters: parameters) }
            allowed += entry.methods.filter { !allowed.contains($0) }
        }
        return allowed.isEmpty ? .none : .methodNotAllowed(allowed)
    }

    private mutating func add(
        _ route: Route, _ pattern: RoutePattern, under first: String
    ) throws(RegistrationError) {
        var list = entries[first] ?? []
        if let index = list.firstIndex(where: { $0.pattern.shape == pattern.shape }) {
            guard !list[index].routes.contains(where: { $0.method == route.method }) else {
                throw .duplicateRoute("\(route.method?.rawValue ?? "any method") \(route.path)")
            }
            guard list[index].pattern == pattern else {
                throw .invalidRoute(route.path, reason: "another route names the parameters of this path differently")
            }
            list[index].routes.append(route)
        } else {
            let position = list.firstIndex { pattern.precedes($0.pattern) } ?? list.endIndex
            list.insert(Entry(pattern: pattern, routes: [route]), at: position)
        }
        entries[first] = list
    }
}
