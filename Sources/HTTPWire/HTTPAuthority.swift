/// The syntax of `uri-host [ ":" port ]` (RFC 9110 section 7.2, RFC 3986 section 3.2), as in the Host field and in
/// absolute-form targets. A user name is not part of it.
enum HTTPAuthority {
    static func isValid(_ bytes: some BidirectionalCollection<UInt8>) -> Bool {
        if bytes.first == UInt8(ascii: "[") {
            guard let end = bytes.firstIndex(of: UInt8(ascii: "]")) else { return false }
            let address = bytes[bytes.index(after: bytes.startIndex)..<end]
            return !address.isEmpty && address.allSatisfy { isHostByte($0) || $0 == HTTPGrammar.colon }
                && isPort(bytes[bytes.index(after: end)...])
        }
        let end = bytes.firstIndex(of: HTTPGrammar.colon) ?? bytes.endIndex
        return bytes[..<end].allSatisfy(isHostByte) && isPort(bytes[end...])
    }

    /// Nothing, or a colon and digits.
    private static func isPort(_ bytes: some Collection<UInt8>) -> Bool {
        guard let first = bytes.first else { return true }
        return first == HTTPGrammar.colon
            && bytes.dropFirst().allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    /// unreserved / pct-encoded / sub-delims
    private static func isHostByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"):
            true
        default: "-._~%!$&'()*+,;=".utf8.contains(byte)
        }
    }
}
