/// Text that is the same only if its bytes are. Swift's `String` also takes canonical equivalents for equal ("é" as one
/// scalar and as two), but callers, the disk and Restate compare bytes: two keys must not share a lane or a row.
package struct ExactText: Hashable, Sendable, Comparable {
    package let text: String

    package init(_ text: String) { self.text = text }

    package static func == (a: Self, b: Self) -> Bool { a.text.hasSameBytes(as: b.text) }

    // Equal bytes are canonically equivalent, so String's own hash serves.
    package func hash(into hasher: inout Hasher) { hasher.combine(text) }

    package static func < (a: Self, b: Self) -> Bool { a.text.utf8.lexicographicallyPrecedes(b.text.utf8) }
}

extension String {
    package func hasSameBytes(as other: String) -> Bool {
        guard utf8.count == other.utf8.count else { return false }
        let isSame = utf8.withContiguousStorageIfAvailable { bytes in
            other.utf8.withContiguousStorageIfAvailable { others in
                for index in bytes.indices where bytes[index] != others[index] { return false }
                return true
            }
        }
        return (isSame ?? nil) ?? utf8.elementsEqual(other.utf8)
    }
}
