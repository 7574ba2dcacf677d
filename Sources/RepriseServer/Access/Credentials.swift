import HTTPTypes
import HTTPWire

/// What a request shows for itself: a bearer token, or the cookie in which our own page keeps one.
enum Credentials {
    static let cookieName = "reprise_token"

    enum Presented {
        case nothing
        /// One of these has to be good.
        case tokens([ArraySlice<UInt8>])
    }

    static func presented(by message: HTTPMessage) -> Presented {
        if let position = message.headers.firstIndex(of: "authorization") {
            return bearer(message.headers.rawValue(at: position)).map { .tokens([$0]) } ?? .nothing
        }
        let cookies = (0..<message.headers.count).filter { message.headers.name(at: $0) == "cookie" }
            .flatMap { cookieTokens(message.headers.rawValue(at: $0)) }
        return cookies.isEmpty || !isSameOrigin(message) ? .nothing : .tokens(cookies)
    }

    /// credentials = "Bearer" 1*SP b64token; the scheme without case (RFC 9110 section 11.1).
    private static func bearer(_ value: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        let scheme = "bearer "
        guard value.count > scheme.utf8.count,
            zip(value, scheme.utf8).allSatisfy({ $0 | 0x20 == $1 })
        else { return nil }
        return value.dropFirst(scheme.utf8.count).drop { $0 == UInt8(ascii: " ") }
    }

    private static func cookieTokens(_ value: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
        value.split(separator: UInt8(ascii: ";")).compactMap { pair in
            let pair = pair.drop { $0 == UInt8(ascii: " ") }
            guard pair.starts(with: "\(cookieName)=".utf8) else { return nil }
            return pair.dropFirst(cookieName.utf8.count + 1)
        }
    }

    /// A browser adds cookies to what other sites' pages ask as well. The cookie is `SameSite=Strict`, which keeps
    /// other sites out; other ports and neighbouring names of this one are kept out here. Whoever changes something
    /// must say where it comes from, as every browser does.
    private static func isSameOrigin(_ message: HTTPMessage) -> Bool {
        let headers = message.headers
        if let site = headers.first("sec-fetch-site") { return site == "same-origin" || site == "none" }
        guard let origin = headers.first("origin") else { return message.method == "GET" || message.method == "HEAD" }
        guard let host = headers.first("host"), let separator = origin.range(of: "://") else { return false }
        return !host.isEmpty && origin[separator.upperBound...].lowercased() == host.lowercased()
    }
}

extension HTTPFields {
    /// Without what opens this server: a route has no use for it, and might write it down.
    mutating func removeCredentials() {
        self[.authorization] = nil
        let cookies = self[values: .cookie].flatMap { $0.split(separator: ";") }
            .map { String($0.drop { $0 == " " }) }
        let others = cookies.filter { !$0.hasPrefix("\(Credentials.cookieName)=") }
        self[.cookie] = others.isEmpty ? nil : others.joined(separator: "; ")
    }
}
