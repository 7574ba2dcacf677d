/// Why a text is not the identifier that was asked for.
package enum IdentifierError: Error, Sendable, Equatable, CustomStringConvertible {
    case badLength
    /// There is no `_` between type and payload.
    case badFormat
    /// No id of any kind begins like this.
    case unknownType
    /// An id of another kind.
    case wrongType(expected: String)
    case unknownVersion
    /// The payload holds characters or a value that its encoding does not allow.
    case malformedPayload

    package var description: String {
        switch self {
        case .badLength: "bad length"
        case .badFormat: "bad format: an id looks like inv_1…"
        case .unknownType: "unrecognized resource type"
        case .wrongType(let expected): "wrong type: the id must begin with \(expected)_1"
        case .unknownVersion: "unknown version"
        case .malformedPayload: "the part after the prefix does not decode"
        }
    }
}

/// The layout that all public ids share: `<prefix>_1<payload>`.
enum IdentifierText {
    private static let knownPrefixes: Set<String> = ["inv", "dp", "sub", "prom", "sign", "snap", "mut", "vq"]

    /// The payload of an id of type `prefix`.
    static func payload(of text: String, prefix: StaticString) throws(IdentifierError) -> ArraySlice<UInt8> {
        let bytes = Bytes(text.utf8)
        guard !bytes.isEmpty else { throw .badLength }
        guard let separator = bytes.firstIndex(of: UInt8(ascii: "_")) else { throw .badFormat }
        let type = String(decoding: bytes[..<separator], as: UTF8.self)
        guard type == prefix.description else {
            throw knownPrefixes.contains(type) ? .wrongType(expected: prefix.description) : .unknownType
        }
        guard separator + 1 < bytes.count else { throw .badLength }
        guard bytes[separator + 1] == UInt8(ascii: "1") else { throw .unknownVersion }
        return bytes[(separator + 2)...]
    }
}
