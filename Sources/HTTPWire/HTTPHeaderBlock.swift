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

    package func name(at position: Int) -> String {
        String(decoding: bytes[index[position].name], as: UTF8.self)
    }

    package func rawValue(at position: Int) -> ArraySlice<UInt8> {
        bytes[index[position].value]
    }

    package func value(at position: Int) -> String {
        String(decoding: rawValue(at: position), as: UTF8.self)
    }

    /// The position of the first field called `name` (lower case).
    package func firstIndex(of name: String) -> Int? {
        index.firstIndex { bytes[$0.name].elementsEqual(name.utf8) }
    }

    /// The value of the first field called `name` (lower case).
    package func first(_ name: String) -> String? {
        firstIndex(of: name).map(value(at:))
    }
}
