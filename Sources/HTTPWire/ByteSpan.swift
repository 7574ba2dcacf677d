/// What is asked of bytes that lie in somebody else's memory: looking at them costs no reference counting.
typealias ByteSpan = Span<UInt8>

extension Span where Element == UInt8 {
    func firstIndex(of byte: UInt8) -> Int? {
        for index in indices where self[index] == byte { return index }
        return nil
    }

    func lastIndex(of byte: UInt8) -> Int? {
        var index = count
        while index > 0 {
            index -= 1
            if self[index] == byte { return index }
        }
        return nil
    }

    /// Looks at all of them, without a way out on the first that does not: that is done for many at a time.
    func allSatisfy(_ isAllowed: (UInt8) -> Bool) -> Bool {
        withUnsafeBufferPointer { bytes in
            var isGood = true
            for byte in bytes { isGood = isAllowed(byte) && isGood }
            return isGood
        }
    }

    package func starts(with text: StaticString) -> Bool {
        guard count >= text.utf8CodeUnitCount else { return false }
        for index in 0..<text.utf8CodeUnitCount where self[index] != text.utf8Start[index] { return false }
        return true
    }

    /// Where they stand without the white space around them, from `start` on.
    func trimmed(from start: Int) -> Range<Int> {
        var (start, end) = (start, count)
        while start < end, HTTPGrammar.isBlank(self[start]) { start += 1 }
        while end > start, HTTPGrammar.isBlank(self[end - 1]) { end -= 1 }
        return start..<end
    }

    var array: [UInt8] { withUnsafeBufferPointer { Array($0) } }
}
