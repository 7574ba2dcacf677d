/// The line before a chunk: `chunk-size [ chunk-ext ]` (RFC 9112 section 7.1). Extensions mean nothing here, but what
/// is none is refused, and so is white space that the grammar calls bad: nobody sends it but those who hope that two
/// servers read it differently.
enum HTTPChunkLine {
    /// The size, nil when the line is not well formed.
    static func size(_ line: ArraySlice<UInt8>) -> Int? {
        let end = line.firstIndex(of: UInt8(ascii: ";")) ?? line.endIndex
        guard let size = HTTPGrammar.hexadecimal(line[..<end]), areExtensions(line[end...]) else { return nil }
        return size
    }

    /// *( ";" token [ "=" ( token / quoted-string ) ] )
    private static func areExtensions(_ bytes: ArraySlice<UInt8>) -> Bool {
        var rest = bytes
        while let first = rest.first {
            guard first == UInt8(ascii: ";") else { return false }
            rest.removeFirst()
            guard takeToken(&rest) else { return false }
            if rest.first == UInt8(ascii: "=") {
                rest.removeFirst()
                guard rest.first == UInt8(ascii: "\"") ? takeQuoted(&rest) : takeToken(&rest) else { return false }
            }
        }
        return true
    }

    private static func takeToken(_ rest: inout ArraySlice<UInt8>) -> Bool {
        let count = rest.prefix(while: HTTPGrammar.isToken).count
        rest.removeFirst(count)
        return count > 0
    }

    private static func takeQuoted(_ rest: inout ArraySlice<UInt8>) -> Bool {
        rest.removeFirst()
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\"") { return true }
            if byte == UInt8(ascii: "\\"), rest.popFirst() == nil { return false }
        }
        return false
    }
}
