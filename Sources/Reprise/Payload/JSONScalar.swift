/// Scalars whose plain spellings need no JSON machinery. nil means "ask the machinery": the bytes are the same either
/// way, and what is refused here is judged there.
protocol JSONScalar: Codable, Sendable {
    var plainJSON: [UInt8]? { get }
    init?(plainJSON bytes: [UInt8])
}

extension String: JSONScalar {
    var plainJSON: [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(utf8.count + 2)
        bytes.append(UInt8(ascii: "\""))
        for byte in utf8 {
            guard isPlain(byte) else { return nil }
            bytes.append(byte)
        }
        bytes.append(UInt8(ascii: "\""))
        return bytes
    }

    init?(plainJSON bytes: [UInt8]) {
        let quote = UInt8(ascii: "\"")
        guard bytes.count >= 2, bytes.first == quote, bytes.last == quote else { return nil }
        let content = bytes[1..<(bytes.count - 1)]
        guard content.allSatisfy(isPlain) else { return nil }
        self.init(validating: content, as: UTF8.self)
    }
}

/// Whether a byte stands for itself inside JSON quotes.
private func isPlain(_ byte: UInt8) -> Bool {
    byte >= 0x20 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\") && byte != 0x7F
}

extension Bool: JSONScalar {
    private static let trueText = Array("true".utf8)
    private static let falseText = Array("false".utf8)

    var plainJSON: [UInt8]? { self ? Bool.trueText : Bool.falseText }

    init?(plainJSON bytes: [UInt8]) {
        if bytes == Bool.trueText {
            self = true
        } else if bytes == Bool.falseText {
            self = false
        } else {
            return nil
        }
    }
}

extension JSONScalar where Self: FixedWidthInteger {
    var plainJSON: [UInt8]? { Array(String(self).utf8) }

    init?(plainJSON bytes: [UInt8]) {
        var digits = bytes[...]
        let isNegative = digits.first == UInt8(ascii: "-")
        if isNegative { digits.removeFirst() }
        guard let first = digits.first, digits.count == 1 || first != UInt8(ascii: "0") else { return nil }
        var value: Self = 0
        for byte in digits {
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
            let digit = Self(truncatingIfNeeded: byte &- UInt8(ascii: "0"))
            let (shifted, shiftOverflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, sumOverflow) =
                isNegative ? shifted.subtractingReportingOverflow(digit) : shifted.addingReportingOverflow(digit)
            guard !shiftOverflow, !sumOverflow else { return nil }
            value = sum
        }
        self = value
    }
}

extension Int: JSONScalar {}
extension Int8: JSONScalar {}
extension Int16: JSONScalar {}
extension Int32: JSONScalar {}
extension Int64: JSONScalar {}
extension UInt: JSONScalar {}
extension UInt8: JSONScalar {}
extension UInt16: JSONScalar {}
extension UInt32: JSONScalar {}
extension UInt64: JSONScalar {}
