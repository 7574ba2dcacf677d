import DurableModel

/// Why stored bytes are not a value. The text is shown to people who look at a paused invocation.
struct DecodingFailure: Error, Equatable, CustomStringConvertible {
    var description: String

    init(_ description: String) { self.description = description }
}

/// Reads what `ByteWriter` wrote. Any bytes at all are answered by a value or a thrown failure, and no length is
/// believed before that many bytes were seen.
struct ByteReader {
    private let bytes: Bytes
    private(set) var offset: Int
    private let end: Int

    init(_ bytes: Bytes) { self.init(bytes, in: 0..<bytes.count) }

    /// Reads that part, as if it were all.
    init(_ bytes: Bytes, in part: Range<Int>) {
        self.bytes = bytes
        offset = part.lowerBound
        end = min(part.upperBound, bytes.count)
    }

    var remaining: Int { end - offset }

    mutating func byte() throws -> UInt8 {
        guard offset < end else { throw DecodingFailure("the value ends after \(offset) bytes") }
        defer { offset += 1 }
        return bytes[offset]
    }

    mutating func unsigned() throws -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let next = try byte()
            let bits = UInt64(next & 0x7f)
            guard shift < 63 || (shift == 63 && bits <= 1) else {
                throw DecodingFailure("an integer that ends at byte \(offset) has more than 64 bits")
            }
            value |= bits << shift
            if next & 0x80 == 0 { return value }
            shift += 7
        }
    }

    mutating func signed() throws -> Int64 {
        let value = try unsigned()
        return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    mutating func integer() throws -> Int {
        let value = try signed()
        guard let result = Int(exactly: value) else { throw DecodingFailure("the number \(value) is too large") }
        return result
    }

    mutating func fixed64() throws -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 8) { value |= UInt64(try byte()) << shift }
        return value
    }

    /// A count of things that take at least one byte each.
    private mutating func count() throws -> Int {
        let value = try unsigned()
        guard value <= UInt64(remaining) else {
            throw DecodingFailure("a length of \(value) is given at byte \(offset), where \(remaining) bytes are left")
        }
        return Int(value)
    }

    /// Where the bytes are that `ByteWriter.sized` wrote; passes over them.
    mutating func sized() throws -> Range<Int> {
        var size = 0
        for number in 0..<ByteWriter.sizeBytes { size |= Int(try byte()) << (8 * number) }
        guard size <= remaining else {
            throw DecodingFailure("a size of \(size) is given at byte \(offset), where \(remaining) bytes are left")
        }
        defer { offset += size }
        return offset..<offset + size
    }

    mutating func blob() throws -> Bytes {
        let length = try count()
        defer { offset += length }
        return Bytes(bytes[offset..<offset + length])
    }

    mutating func text() throws -> String {
        let length = try count()
        guard let text = String(validating: bytes[offset..<offset + length], as: UTF8.self) else {
            throw DecodingFailure("the text at byte \(offset) is not UTF-8")
        }
        offset += length
        return text
    }

    mutating func optional<Value>(
        _ read: (inout ByteReader) throws -> Value
    ) throws -> Value? {
        switch try byte() {
        case 0: return nil
        case 1: return try read(&self)
        case let tag: throw DecodingFailure("the presence tag \(tag) at byte \(offset - 1) is unknown")
        }
    }

    mutating func list<Value>(
        _ read: (inout ByteReader) throws -> Value
    ) throws -> [Value] {
        let length = try count()
        var values: [Value] = []
        for _ in 0..<length { values.append(try read(&self)) }
        return values
    }

    func requireEnd() throws {
        guard remaining == 0 else { throw DecodingFailure("\(remaining) bytes follow the value") }
    }
}
