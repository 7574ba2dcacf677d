/// Fills memory of a size that is known beforehand: one allocation, and a text costs a copy and a comparison.
struct ByteWriter {
    private let room: UnsafeMutableBufferPointer<UInt8>
    private(set) var count = 0

    /// What `write` writes, which must not be more than `countMax` bytes.
    static func bytes(countMax: Int, _ write: (inout ByteWriter) -> Void) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: countMax) { room, count in
            var writer = ByteWriter(room: room)
            write(&writer)
            count = writer.count
        }
    }

    private init(room: UnsafeMutableBufferPointer<UInt8>) { self.room = room }

    mutating func write(_ byte: UInt8) {
        precondition(count < room.count, "more is written than there is room for")
        room.initializeElement(at: count, to: byte)
        count += 1
    }

    mutating func write(_ text: StaticString) {
        write(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    mutating func write(_ text: String) {
        // Always there for the texts of Swift itself.
        if text.utf8.withContiguousStorageIfAvailable({ write($0) }) == nil { for byte in text.utf8 { write(byte) } }
    }

    mutating func write(_ bytes: [UInt8]) { bytes.withUnsafeBufferPointer { write($0) } }

    mutating func write(_ bytes: UnsafeBufferPointer<UInt8>) {
        precondition(bytes.count <= room.count - count, "more is written than there is room for")
        _ = room[count...].initialize(fromContentsOf: bytes)
        count += bytes.count
    }

    /// A number that is not negative, in decimal.
    mutating func write(_ number: Int) {
        if number >= 10 { write(number / 10) }
        write(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number % 10))
    }

    /// Puts `replacement` in place of what does not satisfy `isAllowed`, from the byte with that number on.
    mutating func replace(from start: Int, with replacement: UInt8, unless isAllowed: (UInt8) -> Bool) {
        let written = UnsafeBufferPointer(rebasing: room[start..<count])
        if written.span.allSatisfy(isAllowed) { return }
        for index in start..<count where !isAllowed(room[index]) { room[index] = replacement }
    }
}
