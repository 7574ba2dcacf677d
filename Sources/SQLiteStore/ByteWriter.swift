import DurableModel

/// Appends the primitives of the stored form: tag bytes, variable length integers, length-prefixed bytes.
struct ByteWriter {
    private(set) var bytes: Bytes = []

    init(reserving byteCount: Int = usualBytes) { bytes.reserveCapacity(byteCount) }

    /// Of most values: growing step by step costs more than the room.
    static let usualBytes = 96

    mutating func byte(_ value: UInt8) { bytes.append(value) }

    /// Seven bits a byte, lowest first.
    mutating func unsigned(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    /// Zigzag: small magnitudes of either sign are short.
    mutating func signed(_ value: Int64) { unsigned(UInt64(bitPattern: (value << 1) ^ (value >> 63))) }

    mutating func signed(_ value: Int) { signed(Int64(value)) }

    mutating func fixed64(_ value: UInt64) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    /// What `write` appends, after its length, so that a reader may pass over it.
    mutating func sized(_ write: (inout ByteWriter) -> Void) {
        let place = bytes.count
        for _ in 0..<Self.sizeBytes { bytes.append(0) }
        write(&self)
        let size = bytes.count - place - Self.sizeBytes
        for number in 0..<Self.sizeBytes { bytes[place + number] = UInt8(truncatingIfNeeded: size >> (8 * number)) }
    }

    static let sizeBytes = 4

    /// What another writer has written.
    mutating func copy(_ written: ArraySlice<UInt8>) { bytes.append(contentsOf: written) }

    mutating func clear() { bytes.removeAll(keepingCapacity: true) }

    mutating func blob(_ value: Bytes) {
        unsigned(UInt64(value.count))
        bytes.append(contentsOf: value)
    }

    mutating func text(_ value: String) {
        unsigned(UInt64(value.utf8.count))
        bytes.append(contentsOf: value.utf8)
    }

    mutating func optional<Value>(_ value: Value?, _ write: (inout ByteWriter, Value) -> Void) {
        guard let value else { return byte(0) }
        byte(1)
        write(&self, value)
    }

    mutating func list<Value>(_ values: [Value], _ write: (inout ByteWriter, Value) -> Void) {
        unsigned(UInt64(values.count))
        for value in values { write(&self, value) }
    }
}
