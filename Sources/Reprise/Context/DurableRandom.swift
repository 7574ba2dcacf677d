/// Random numbers that are the same in every attempt of an invocation.
///
/// The generator (SplitMix64) and the mapping to ranges are fixed for all versions. It is deliberately no
/// `RandomNumberGenerator`: what `Int.random(in:using:)` makes of one may change with the standard library, and replay
/// would then see other numbers.
public final class DurableRandom {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    /// The next 64 bits.
    public func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A number in `range`, each equally likely; `range` must not be empty.
    public func next(in range: Range<Int>) -> Int {
        precondition(!range.isEmpty, "there is no number in an empty range")
        let width = UInt64(bitPattern: Int64(range.upperBound)) &- UInt64(bitPattern: Int64(range.lowerBound))
        return Int(truncatingIfNeeded: UInt64(bitPattern: Int64(range.lowerBound)) &+ below(width))
    }

    /// A number in `range`, each equally likely; `range` must end before `Int.max`.
    public func next(in range: ClosedRange<Int>) -> Int {
        precondition(range.upperBound < Int.max, "the range must end before Int.max")
        return next(in: range.lowerBound..<(range.upperBound + 1))
    }

    /// At least 0 and less than 1, with 53 random bits.
    public func nextUnit() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// Either, with equal chance.
    public func nextBool() -> Bool { next() >> 63 == 1 }

    /// Lemire's multiplication, with rejection of the few values that would be over-represented.
    private func below(_ width: UInt64) -> UInt64 {
        let rejected = (0 &- width) % width
        while true {
            let product = width.multipliedFullWidth(by: next())
            if product.low >= rejected { return product.high }
        }
    }

    /// A version 4 UUID in its canonical form, lower case.
    package func uuid() -> String {
        let high = next() & 0xFFFF_FFFF_FFFF_0FFF | 0x0000_0000_0000_4000
        let low = next() & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
        let digits = hexadecimal(high) + hexadecimal(low)
        return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(decoding: digits[$0], as: UTF8.self) }
            .joined(separator: "-")
    }
}

@available(*, unavailable) extension DurableRandom: Sendable {}

/// Sixteen digits, lower case.
func hexadecimal(_ value: UInt64) -> [UInt8] {
    let digits = Array("0123456789abcdef".utf8)
    return (0..<16).map { digits[Int(value >> (60 - 4 * UInt64($0)) & 0xF)] }
}
