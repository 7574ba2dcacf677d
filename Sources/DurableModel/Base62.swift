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

    /// Writes 11 characters to the beginning of `text`.
    static func write(_ value: UInt64, to text: UnsafeMutableBufferPointer<UInt8>.SubSequence) {
        write(digitsOf: value.byteSwapped, to: text.prefix(width64))
    }

    /// Writes 22 characters to the beginning of `text`.
    static func write(_ value: UInt128, to text: UnsafeMutableBufferPointer<UInt8>.SubSequence) {
        let (upper, low) = value.byteSwapped.quotientAndRemainder(dividingBy: UInt128(chunkDivisor))
        let (high, middle) = upper.quotientAndRemainder(dividingBy: UInt128(chunkDivisor))
        let text = text.prefix(width128)
        write(digitsOf: UInt64(high), to: text.dropLast(2 * chunkWidth))
        write(digitsOf: UInt64(middle), to: text.dropLast(chunkWidth).suffix(chunkWidth))
        write(digitsOf: UInt64(low), to: text.suffix(chunkWidth))
    }

    /// Fills `text` from its end.
    private static func write(digitsOf value: UInt64, to text: UnsafeMutableBufferPointer<UInt8>.SubSequence) {
        var rest = value
        var position = text.endIndex
        // Two at a time: each division waits for the one before it.
        while position > text.startIndex {
            let (quotient, pair) = rest.quotientAndRemainder(dividingBy: 62 * 62)
            position -= 1
            text.base.initializeElement(at: position, to: character(UInt8(truncatingIfNeeded: pair % 62)))
            if position > text.startIndex {
                position -= 1
                text.base.initializeElement(at: position, to: character(UInt8(truncatingIfNeeded: pair / 62)))
            }
            rest = quotient
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
