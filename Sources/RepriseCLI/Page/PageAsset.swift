import Reprise

/// A file that is part of the binary. Browsers keep it and ask whether it is still the same.
struct PageAsset: Sendable {
    private let bytes: [UInt8]
    private let headers: [String: String]
    private let tag: String

    init(_ bytes: [UInt8], contentType: String, headers: [String: String] = [:]) {
        self.bytes = bytes
        tag = "\"\(Self.fingerprint(of: bytes))\""
        self.headers = headers.merging(
            [
                "content-type": contentType, "etag": tag, "cache-control": "no-cache",
                "x-content-type-options": "nosniff", "referrer-policy": "no-referrer",
            ]) { own, _ in own }
    }

    func response(to request: RouteRequest) -> RouteResponse {
        let isKnown = request.header("if-none-match").map(matches) ?? false
        var response = isKnown ? RouteResponse(status: .notModified) : RouteResponse(body: .bytes(bytes))
        for (name, value) in headers { response.setHeader(name, value) }
        return response
    }

    /// Proxies that compress mark the tag as weak.
    private func matches(_ known: String) -> Bool {
        known.split(separator: ",").contains { part in
            let text = part.split(separator: " ").joined()
            return text == "*" || text == tag || text == "W/\(tag)"
        }
    }

    /// FNV-1a: tells versions apart; not a secret.
    private static func fingerprint(of bytes: [UInt8]) -> String {
        let hash = bytes.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        return String(hash, radix: 16)
    }
}
