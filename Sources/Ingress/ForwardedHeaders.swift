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
            if headers.withName(at: position, isDropped) { continue }
            let name = headers.name(at: position)
            guard headers.withValue(at: position, VisibleASCII.holds) else { throw .headerNotASCII(name) }
            let isRepeated = usesSet ? !names.insert(name).inserted : fields.contains { $0.name == name }
            if !isRepeated { fields.append(HeaderField(name, headers.value(at: position))) }
        }
        return fields
    }

    /// By length first, on the bytes: hashing every name of every request, or making texts of them, costs more.
    private static func isDropped(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
        switch name.count {
        case 4: equals(name, "host")
        case 6: equals(name, "cookie")
        case 10: equals(name, "connection") || isOurs(name)
        case 13: equals(name, "authorization") || isOurs(name)
        case 15: equals(name, "idempotency-key") || isOurs(name)
        case 19: equals(name, "idempotency-expires") || equals(name, "proxy-authorization") || isOurs(name)
        default: isOurs(name)
        }
    }

    private static func isOurs(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
        begins(name, "x-restate-") || begins(name, "x-reprise-")
    }

    private static func equals(_ name: UnsafeBufferPointer<UInt8>, _ text: StaticString) -> Bool {
        name.count == text.utf8CodeUnitCount && begins(name, text)
    }

    private static func begins(_ name: UnsafeBufferPointer<UInt8>, _ text: StaticString) -> Bool {
        name.span.starts(with: text)
    }
}

enum VisibleASCII {
    /// Space and tab included, as in header values.
    static func holds(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        bytes.allSatisfy { $0 >= 0x20 && $0 <= 0x7E || $0 == 0x09 }
    }
}
