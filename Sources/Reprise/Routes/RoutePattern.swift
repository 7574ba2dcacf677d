/// A route's path, split once.
package struct RoutePattern: Hashable, Sendable {
    package enum Segment: Hashable, Sendable {
        case literal(String)
        case parameter(String)
    }

    package let segments: [Segment]

    /// Takes `/a/{b}/c`.
    package init(_ path: String) throws(RegistrationError) {
        guard path.utf8.first == UInt8(ascii: "/") else {
            throw .invalidRoute(path, reason: "it must start with '/'")
        }
        var segments: [Segment] = []
        for text in path.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            if text.hasPrefix("{"), text.hasSuffix("}") {
                let name = String(text.dropFirst().dropLast())
                guard !name.isEmpty, !segments.contains(.parameter(name)) else {
                    throw .invalidRoute(path, reason: "'\(text)' needs a name of its own")
                }
                segments.append(.parameter(name))
            } else if text.contains(where: { "{}?#%".contains($0) }) {
                throw .invalidRoute(path, reason: "'\(text)' is neither literal nor '{name}'")
            } else {
                segments.append(.literal(String(text)))
            }
        }
        guard case .literal = segments.first else {
            throw .invalidRoute(path, reason: "its first segment must be literal")
        }
        self.segments = segments
    }

    /// What does not depend on the names of parameters: two patterns with equal shapes match the same paths.
    var shape: [String?] {
        segments.map { if case .literal(let text) = $0 { text } else { nil } }
    }

    /// The values of the parameters, nil when `path` (decoded segments) does not match.
    func match(_ path: [String]) -> [String: String]? {
        guard path.count == segments.count else { return nil }
        var parameters: [String: String] = [:]
        for (segment, text) in zip(segments, path) {
            switch segment {
            case .literal(let literal): guard literal == text else { return nil }
            case .parameter(let name): parameters[name] = text
            }
        }
        return parameters
    }

    /// Whether this pattern is tried before `other`: at the first difference a literal goes before a parameter.
    func precedes(_ other: RoutePattern) -> Bool {
        for (mine, theirs) in zip(shape, other.shape) where (mine == nil) != (theirs == nil) {
            return mine != nil
        }
        return false
    }
}
