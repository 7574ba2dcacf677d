/// The header section of one message: its raw bytes once, and an index of where each field stands in them.
/// Field names are stored in lower case; values are trimmed of optional white space and otherwise untouched.
package struct HTTPHeaderBlock: Sendable, Equatable {
    private var bytes: [UInt8] = []
    private var index: [FieldRange] = []

    private struct FieldRange: Sendable, Equatable {
        var name: Range<Int>
        var value: Range<Int>
    }

    package init() {}

    /// With room for the fields of a head of so many bytes.
    init(headBytes: Int) {
        bytes.reserveCapacity(headBytes)
        index.reserveCapacity(8)
    }

    /// For tests and for callers that have fields as text.
    package init(_ fields: [(String, String)]) {
        for (name, value) in fields { append(name: name.lowercased().utf8, value: value.utf8) }
    }

    package var count: Int { index.count }

    /// Memory for names, values and where they stand.
    var bytesHeld: Int { bytes.count + index.count * MemoryLayout<FieldRange>.stride }

    /// Appends a field; `name` must be in lower case already.
    package mutating func append(name: some Collection<UInt8>, value: some Collection<UInt8>) {
        let nameStart = bytes.count
        bytes.append(contentsOf: name)
        let valueStart = bytes.count
        bytes.append(contentsOf: value)
        index.append(FieldRange(name: nameStart..<valueStart, value: valueStart..<bytes.count))
    }

    /// As `append(name:value:)`, with a name as it stands in the message.
    mutating func append(lowercasing name: ByteSpan, value: ByteSpan) {
        let nameStart = bytes.count
        name.withUnsafeBufferPointer { bytes.append(contentsOf: $0) }
        let valueStart = bytes.count
        for place in nameStart..<valueStart {
            let byte = bytes[place]
            if byte >= UInt8(ascii: "A"), byte <= UInt8(ascii: "Z") { bytes[place] = HTTPGrammar.lowercased(byte) }
        }
        value.withUnsafeBufferPointer { bytes.append(contentsOf: $0) }
        index.append(FieldRange(name: nameStart..<valueStart, value: valueStart..<bytes.count))
    }

    package func name(at position: Int) -> String {
        bytes.span.extracting(index[position].name).withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
    }

    /// What `judge` says of the name, without taking hold of it.
    package func withName(at position: Int, _ judge: (UnsafeBufferPointer<UInt8>) -> Bool) -> Bool {
        bytes.withUnsafeBufferPointer { judge(UnsafeBufferPointer(rebasing: $0[index[position].name])) }
    }

    package func withValue(at position: Int, _ judge: (UnsafeBufferPointer<UInt8>) -> Bool) -> Bool {
        bytes.withUnsafeBufferPointer { judge(UnsafeBufferPointer(rebasing: $0[index[position].value])) }
    }

    package func rawValue(at position: Int) -> ArraySlice<UInt8> {
        bytes[index[position].value]
    }

    package func value(at position: Int) -> String {
        let range = index[position].value
        let value = bytes.span.extracting(range)
        // Too long for a text without memory of its own, and nearly every request has it.
        if value.count == 16, value.starts(with: "application/json") { return "application/json" }
        return value.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
    }

    /// The position of the first field called `name` (lower case).
    package func firstIndex(of name: String) -> Int? {
        let found = name.utf8.withContiguousStorageIfAvailable { firstIndex(of: $0) }
        return found ?? index.firstIndex { bytes[$0.name].elementsEqual(name.utf8) }
    }

    private func firstIndex(of name: UnsafeBufferPointer<UInt8>) -> Int? {
        let bytes = bytes.span
        for position in index.indices {
            let range = index[position].name
            guard range.count == name.count else { continue }
            var isSame = true
            for offset in 0..<name.count { isSame = isSame && bytes[range.lowerBound + offset] == name[offset] }
            if isSame { return position }
        }
        return nil
    }

    /// The value of the first field called `name` (lower case).
    package func first(_ name: String) -> String? {
        firstIndex(of: name).map(value(at:))
    }
}
