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
            if isDropped(headers.rawName(at: position)) { continue }
            let name = headers.name(at: position)
            guard VisibleASCII.holds(headers.rawValue(at: position)) else { throw .headerNotASCII(name) }
            let isRepeated = usesSet ? !names.insert(name).inserted : fields.contains { $0.name == name }
            if !isRepeated { fields.append(HeaderField(name, headers.value(at: position))) }
        }
        return fields
    }

    /// By length first, on the bytes: hashing every name of every request, or making texts of them, costs more.
    private static func isDropped(_ name: ArraySlice<UInt8>) -> Bool {
        switch name.count {
        case 4 where name.elementsEqual("host".utf8), 6 where name.elementsEqual("cookie".utf8),
            10 where name.elementsEqual("connection".utf8), 13 where name.elementsEqual("authorization".utf8),
            15 where name.elementsEqual("idempotency-key".utf8),
            19 where name.elementsEqual("idempotency-expires".utf8) || name.elementsEqual("proxy-authorization".utf8):
            true
        default: name.starts(with: "x-re".utf8) && isOurs(name)
        }
    }

    private static func isOurs(_ name: ArraySlice<UInt8>) -> Bool {
        name.starts(with: "x-restate-".utf8) || name.starts(with: "x-reprise-".utf8)
    }
}

enum VisibleASCII {
    /// Space and tab included, as in header values.
    static func holds(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.allSatisfy { (0x20...0x7E).contains($0) || $0 == 0x09 }
    }
}
