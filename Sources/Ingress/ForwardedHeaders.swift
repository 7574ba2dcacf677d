import DurableModel
import HTTPWire

/// Which request headers a handler sees (ingress reference 6.2). They are journaled, so credentials are not among them,
/// and neither is anything that speaks to this server or pretends to come from it.
enum ForwardedHeaders {
    /// From here on repeated names are looked up in a set instead of in the list.
    private static let scanLimit = 32

    /// `path` is path and query after normalisation. Of a repeated header the first value is taken.
    static func collect(_ headers: HTTPHeaderBlock, path: String) throws(IngressError) -> [HeaderField] {
        var fields: [HeaderField] = []
        fields.reserveCapacity(headers.count + 1)
        fields.append(HeaderField("x-restate-ingress-path", path))
        var names: Set<String> = []
        let usesSet = headers.count > scanLimit
        for position in 0..<headers.count {
            let name = headers.name(at: position)
            if isDropped(name) { continue }
            guard VisibleASCII.holds(headers.rawValue(at: position)) else { throw .headerNotASCII(name) }
            let isRepeated = usesSet ? !names.insert(name).inserted : fields.contains { $0.name == name }
            if !isRepeated { fields.append(HeaderField(name, headers.value(at: position))) }
        }
        return fields
    }

    /// A chain of comparisons: cheaper than hashing every name of every request.
    private static func isDropped(_ name: String) -> Bool {
        switch name {
        case "connection", "host", "idempotency-key", "idempotency-expires", "authorization", "cookie",
            "proxy-authorization":
            true
        default: name.hasPrefix("x-restate-") || name.hasPrefix("x-reprise-")
        }
    }
}

enum VisibleASCII {
    /// Space and tab included, as in header values.
    static func holds(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.allSatisfy { (0x20...0x7E).contains($0) || $0 == 0x09 }
    }
}
