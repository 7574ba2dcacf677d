/// Base64 with the URL-safe alphabet (RFC 4648 section 5).
enum Base64URL {
    private static let alphabet = Bytes("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    /// Without padding.
    static func encode(_ bytes: Bytes) -> Bytes {
        var text = Bytes()
        text.reserveCapacity((bytes.count * 4 + 2) / 3)
        var pending: UInt32 = 0
        var pendingBits = 0
        for byte in bytes {
            pending = pending << 8 | UInt32(byte)
            pendingBits += 8
            while pendingBits >= 6 {
                pendingBits -= 6
                text.append(alphabet[Int(pending >> UInt32(pendingBits) & 63)])
            }
        }
        if pendingBits > 0 { text.append(alphabet[Int(pending << UInt32(6 - pendingBits) & 63)]) }
        return text
    }

    /// nil unless canonical; padding may be absent, and must be complete if present.
    static func decode(_ text: ArraySlice<UInt8>) -> Bytes? {
        let digits = text.prefix { $0 != UInt8(ascii: "=") }
        let padding = text.count - digits.count
        guard digits.count % 4 != 1, padding == 0 || padding == (4 - digits.count % 4) % 4,
            text.suffix(padding).allSatisfy({ $0 == UInt8(ascii: "=") })
        else { return nil }
        var bytes = Bytes()
        bytes.reserveCapacity(digits.count * 3 / 4)
        var pending: UInt32 = 0
        var pendingBits = 0
        for character in digits {
            guard let value = value(of: character) else { return nil }
            pending = pending << 6 | value
            pendingBits += 6
            if pendingBits >= 8 {
                pendingBits -= 8
                bytes.append(UInt8(truncatingIfNeeded: pending >> UInt32(pendingBits)))
            }
        }
        // Two texts must never name one id.
        return pending & (1 << UInt32(pendingBits) - 1) == 0 ? bytes : nil
    }

    private static func value(of character: UInt8) -> UInt32? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(character - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(character - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(character - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "-"): 62
        case UInt8(ascii: "_"): 63
        default: nil
        }
    }
}
