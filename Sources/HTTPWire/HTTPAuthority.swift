/// The syntax of `uri-host [ ":" port ]` (RFC 9110 section 7.2, RFC 3986 section 3.2), as in the Host field and in
/// absolute-form targets. A user name is not part of it.
enum HTTPAuthority {
    static func isValid(_ bytes: ByteSpan) -> Bool {
        if !bytes.isEmpty, bytes[0] == UInt8(ascii: "[") {
            guard let end = bytes.firstIndex(of: UInt8(ascii: "]")) else { return false }
            let address = bytes.extracting(1..<end)
            return !address.isEmpty && address.allSatisfy { isHostByte($0) || $0 == HTTPGrammar.colon }
                && isPort(bytes.extracting((end + 1)...))
        }
        let end = bytes.firstIndex(of: HTTPGrammar.colon) ?? bytes.count
        return bytes.extracting(..<end).allSatisfy(isHostByte) && isPort(bytes.extracting(end...))
    }

    /// Nothing, or a colon and digits.
    private static func isPort(_ bytes: ByteSpan) -> Bool {
        if bytes.isEmpty { return true }
        return bytes[0] == HTTPGrammar.colon
            && bytes.extracting(1...).allSatisfy { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
    }

    /// unreserved / pct-encoded / sub-delims
    private static func isHostByte(_ byte: UInt8) -> Bool {
        let bits: UInt64 = byte < 64 ? 0x2BFF_7FF2_0000_0000 : 0x47FF_FFFE_87FF_FFFE
        return byte < 128 && bits >> UInt64(byte & 63) & 1 == 1
    }
}
