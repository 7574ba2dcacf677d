/// A request target split for routing, leniently where the ingress reference is (0.2, 1.1).
struct RequestPath {
    /// Path and query; the path begins with one `/` and does not end with one.
    let text: String
    /// What stands between the `/` of the path, not percent-decoded. Inner segments may be empty.
    let segments: Segments

    private static let slash = UInt8(ascii: "/")

    init(_ target: String) {
        var text = target
        var places = text.withUTF8(Segments.Places.init)
        if !places.isNormal {
            text = Self.normalized(target)
            places = text.withUTF8(Segments.Places.init)
        }
        self.text = text
        segments = Segments(text: text, places: places)
    }

    /// Without the `?`; empty when there is none.
    var query: Substring {
        let utf8 = text.utf8
        let pathEnd = utf8.index(utf8.startIndex, offsetBy: segments.places.pathEnd)
        return pathEnd < utf8.endIndex ? text[utf8.index(after: pathEnd)...] : ""
    }

    /// The segment as a text of its own.
    func segment(_ number: Int) -> String {
        let bounds = segments.places.bounds(of: number)
        // Always there for the texts of Swift itself.
        let segment = text.utf8.withContiguousStorageIfAvailable { text in
            String(decoding: UnsafeBufferPointer(rebasing: text[bounds]), as: UTF8.self)
        }
        return segment ?? String(segments[number])
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

extension RequestPath {
    /// The segments of a path, cut out of it when they are asked for: a request needs few of them, and as long as they
    /// are not, they are numbers.
    struct Segments: RandomAccessCollection {
        fileprivate let text: String
        fileprivate let places: Places

        var startIndex: Int { 0 }
        var endIndex: Int { places.count }

        subscript(_ number: Int) -> Substring {
            let utf8 = text.utf8
            let bounds = places.bounds(of: number)
            let start = utf8.index(utf8.startIndex, offsetBy: bounds.lowerBound)
            return Substring(utf8[start..<utf8.index(start, offsetBy: bounds.count)])
        }
    }
}

extension RequestPath.Segments {
    /// Where they end, in bytes of the text.
    fileprivate struct Places {
        /// No route has more.
        private static let countMax = 7

        private(set) var count = 0
        private(set) var pathEnd: Int
        /// Whether the path begins with one `/` and does not end with another.
        private(set) var isNormal: Bool
        private let start: Int
        private var ends = SIMD8<Int32>()

        init(_ text: UnsafeBufferPointer<UInt8>) {
            pathEnd = text.count
            start = text.isEmpty || text[0] == UInt8(ascii: "?") ? 0 : 1
            isNormal = true
            for index in text.indices {
                if text[index] == UInt8(ascii: "?") {
                    pathEnd = index
                    break
                }
                if index >= start, text[index] == UInt8(ascii: "/") { add(end: index) }
            }
            add(end: pathEnd)
            if pathEnd > 1, text[0] == UInt8(ascii: "/") {
                isNormal = text[1] != UInt8(ascii: "/") && text[pathEnd - 1] != UInt8(ascii: "/")
            }
        }

        /// Of more than there are in any route only the number is kept.
        private mutating func add(end: Int) {
            if count < Self.countMax { ends[count] = Int32(clamping: end) }
            count += 1
        }

        func bounds(of number: Int) -> Range<Int> {
            precondition(number < count && number < Self.countMax, "no route has so many segments")
            return (number == 0 ? start : Int(ends[number - 1]) + 1)..<Int(ends[number])
        }
    }
}
