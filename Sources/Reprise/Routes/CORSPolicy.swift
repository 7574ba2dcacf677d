package import HTTPTypes

/// Which other origins may use a route from a browser. Credentials are never allowed.
public struct CORSPolicy: Hashable, Sendable {
    /// Whose pages may call.
    public enum Origins: Hashable, Sendable {
        case any
        /// Exact matches of `Origin`, such as `https://shop.example`.
        case only([String])
    }

    /// Whose pages may call.
    public var origins: Origins
    /// Request headers that pages may send; `*` allows all.
    public var allowedHeaders: [String]
    /// Response headers that pages may read.
    public var exposedHeaders: [String]
    /// How long a browser may remember the permission.
    public var maxAgeSeconds: Int

    public init(
        origins: Origins, allowedHeaders: [String] = ["*"], exposedHeaders: [String] = [], maxAgeSeconds: Int = 600
    ) {
        self.origins = origins
        self.allowedHeaders = allowedHeaders
        self.exposedHeaders = exposedHeaders
        self.maxAgeSeconds = maxAgeSeconds
    }

    /// Every origin may use the route and read `x-restate-id`.
    public static let permissive = CORSPolicy(origins: .any, exposedHeaders: ["*"])

    /// What every answer gets.
    package func fields(forOrigin origin: String?) -> HTTPFields {
        var fields = HTTPFields()
        switch origins {
        case .any:
            fields[.accessControlAllowOrigin] = "*"
        case .only(let allowed):
            fields[.vary] = "origin"
            guard let origin, allowed.contains(origin) else { return fields }
            fields[.accessControlAllowOrigin] = origin
        }
        if !exposedHeaders.isEmpty {
            fields[.accessControlExposeHeaders] = exposedHeaders.joined(separator: ", ")
        }
        return fields
    }

    /// The answer to a browser's question before the request.
    package func preflight(origin: String?, methods: [HTTPRequest.Method]) -> RouteResponse {
        var fields = fields(forOrigin: origin)
        fields[.accessControlExposeHeaders] = nil
        if fields[.accessControlAllowOrigin] != nil {
            fields[.accessControlAllowMethods] = methods.map(\.rawValue).joined(separator: ", ")
            fields[.accessControlAllowHeaders] = allowedHeaders.joined(separator: ", ")
            fields[.accessControlMaxAge] = String(maxAgeSeconds)
        }
        return RouteResponse(status: .noContent, headers: fields)
    }
}
