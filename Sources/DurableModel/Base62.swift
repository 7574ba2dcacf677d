/// Fixed-width base62 with digits, then lower case, then upper case, as in Restate's ids.
///
/// The integer's bytes are reversed before it is written (Restate converts to big endian on a little-endian host and
/// prints the result), so the high bytes of an integer end up in the last characters and texts do not sort by value.
enum Base62 {
    static let width64 = 11
    static let width128 = 22

    /// 62¹⁰, the largest power that fits 64 bits: 128-bit divisions are slow.
    private static let chunkDivisor: UInt64 = 839_299_365_868_340_224
    private static let chunkWidth = 10

    /// Appends 11 characters.
    static func append(_ value: UInt64, to text: inout Bytes) {
        append(digitsOf: value.byteSwapped, width: width64, to: &text)
    }

    /// Appends 22 characters.
    static func append(_ value: UInt128, to text: inout Bytes) {
        let (upper, low) = value.byteSwapped.quotientAndRemainder(dividingBy: UInt128(chunkDivisor))
        let (high, middle) = upper.quotientAndRemainder(dividingBy: UInt128(chunkDivisor))
        append(digitsOf: UInt64(high), width: width128 - 2 * chunkWidth, to: &text)
        append(digitsOf: UInt64(middle), width: chunkWidth, to: &text)
        append(digitsOf: UInt64(low), width: chunkWidth, to: &text)
    }

    private static func append(digitsOf value: UInt64, width: Int, to text: inout Bytes) {
        let start = text.count
        text.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: width))
        text.withUnsafeMutableBufferPointer { text in
            var rest = value
            var position = start + width
            // Two at a time: each division waits for the one before it.
            while rest > 0, position > start {
                let (quotient, pair) = rest.quotientAndRemainder(dividingBy: 62 * 62)
                position -= 1
                text[position] = character(UInt8(truncatingIfNeeded: pair % 62))
                if position > start {
                    position -= 1
                    text[position] = character(UInt8(truncatingIfNeeded: pair / 62))
                }
                rest = quotient
            }
        }
    }

    /// Computed, because a table would be asked for each digit whether it has been made.
    private static func character(_ digit: UInt8) -> UInt8 {
        switch digit {
        case ..<10: UInt8(ascii: "0") + digit
        case ..<36: UInt8(ascii: "a") - 10 + digit
        default: UInt8(ascii: "A") - 36 + digit
        }
    }

    static func decode64(_ text: ArraySlice<UInt8>) throws(IdentifierError) -> UInt64 {
        var value: UInt64 = 0
        for character in text {
            let (product, overflow) = value.multipliedReportingOverflow(by: 62)
            let (sum, carry) = product.addingReportingOverflow(UInt64(try digit(character)))
            guard !overflow, !carry else { throw .malformedPayload }
            value = sum
        }
        return value.byteSwapped
    }

    static func decode128(_ text: ArraySlice<UInt8>) throws(IdentifierError) -> UInt128 {
        var value: UInt128 = 0
        for character in text {
            let (product, overflow) = value.multipliedReportingOverflow(by: 62)
            let (sum, carry) = product.addingReportingOverflow(UInt128(try digit(character)))
            guard !overflow, !carry else { throw .malformedPayload }
            value = sum
        }
        return value.byteSwapped
    }

    private static func digit(_ character: UInt8) throws(IdentifierError) -> UInt8 {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): character - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): character - UInt8(ascii: "A") + 36
        default: throw .malformedPayload
        }
    }
}
