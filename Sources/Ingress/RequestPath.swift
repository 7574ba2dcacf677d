/// A request target split for routing, leniently where the ingress reference is (0.2, 1.1).
struct RequestPath {
    /// Path and query; the path begins with one `/` and does not end with one.
    let text: String
    /// What stands between the `/` of the path, not percent-decoded. Inner segments may be empty.
    let segments: [Substring]
    /// Without the `?`; empty when there is none.
    let query: Substring

    private static let slash = UInt8(ascii: "/")

    init(_ target: String) {
        let text = Self.normalized(target)
        let utf8 = text.utf8
        let pathEnd = utf8.firstIndex(of: UInt8(ascii: "?")) ?? utf8.endIndex
        var segments: [Substring] = []
        segments.reserveCapacity(8)
        var index = utf8.startIndex
        if index < pathEnd { utf8.formIndex(after: &index) }
        var start = index
        while index < pathEnd {
            if utf8[index] == Self.slash {
                segments.append(text[start..<index])
                start = utf8.index(after: index)
            }
            utf8.formIndex(after: &index)
        }
        segments.append(text[start..<pathEnd])
        self.text = text
        self.segments = segments
        query = pathEnd < utf8.endIndex ? text[utf8.index(after: pathEnd)...] : ""
    }

    /// Acts only on a path that ends with `/` or begins with `//`, so that inner empty segments stay.
    private static func normalized(_ target: String) -> String {
        let utf8 = target.utf8
        let pathEnd = utf8.firstIndex(of: UInt8(ascii: "?")) ?? utf8.endIndex
        let path = utf8[..<pathEnd]
        guard path.count > 1, path.first == slash, path.last == slash || path.dropFirst().first == slash else {
            return target
        }
        let withoutLeading = path.drop { $0 == slash }
        guard let last = withoutLeading.lastIndex(where: { $0 != slash }) else { return "/" + target[pathEnd...] }
        return "/" + target[withoutLeading.startIndex...last] + target[pathEnd...]
    }
}
