import DurableModel

/// Bytes of a user as JSON: text when they are UTF-8, base64 otherwise, both bounded.
enum Payload {
    private static let maxShownBytes = 16_384

    static func tree(_ bytes: Bytes) -> JSONTree {
        let shown = bytes.prefix(maxShownBytes)
        let isCut = shown.count < bytes.count
        let length: [(name: String, value: JSONTree)] = [
            ("length", .number(Int64(bytes.count))), ("truncated", isCut ? .bool(true) : .absent),
        ]
        if let text = text(shown, isCut: isCut) { return .object([("utf8", .string(text))] + length) }
        return .object([("base64", .string(base64(shown)))] + length)
    }

    /// A cut may go through a character of up to four bytes.
    private static func text(_ bytes: ArraySlice<UInt8>, isCut: Bool) -> String? {
        for dropped in 0...(isCut ? 3 : 0) {
            if let text = String(validating: bytes.dropLast(dropped), as: UTF8.self) { return text }
        }
        return nil
    }

    /// RFC 4648 section 4.
    private static func base64(_ bytes: ArraySlice<UInt8>) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var text: [UInt8] = []
        for start in stride(from: bytes.startIndex, to: bytes.endIndex, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.endIndex)]
            let word = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
            for position in 0..<4 {
                text.append(
                    position <= group.count
                        ? alphabet[word >> (18 - 6 * position) & 63] : UInt8(ascii: "="))
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
