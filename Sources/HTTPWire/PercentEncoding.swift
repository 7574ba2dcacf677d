/// Decoding of percent-encoded text. A `%` that is not followed by two hex digits stands for itself.
package enum PercentEncoding {
    /// A path segment: only `%XX`, a `+` stays a `+`. nil when the result is not UTF-8.
    package static func decodedSegment(_ segment: Substring) -> String? {
        guard segment.utf8.contains(UInt8(ascii: "%")) else { return String(segment) }
        return String(validating: decoded(segment.utf8, plusIsSpace: false), as: UTF8.self)
    }

    /// A name or value of a query: `%XX`, and `+` for a space. What is not UTF-8 becomes U+FFFD.
    package static func decodedForm(_ text: Substring) -> String {
        guard text.utf8.contains(where: { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") }) else {
            return String(text)
        }
        return String(decoding: decoded(text.utf8, plusIsSpace: true), as: UTF8.self)
    }

    private static func decoded(_ text: Substring.UTF8View, plusIsSpace: Bool) -> [UInt8] {
        let source = Array(text)
        var result: [UInt8] = []
        result.reserveCapacity(source.count)
        var index = 0
        while index < source.count {
            let byte = source[index]
            if byte == UInt8(ascii: "%"), index + 2 < source.count,
                let high = hexValue(source[index + 1]), let low = hexValue(source[index + 2])
            {
                result.append(high << 4 | low)
                index += 3
                continue
            }
            result.append(plusIsSpace && byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
            index += 1
        }
        return result
    }

    private static func hexValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
