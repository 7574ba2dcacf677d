extension RouteRequest {
    /// Whether the sender would rather have `type` than `other`, by its `Accept` fields; both are media types such as
    /// `text/html`. False when it has no preference, and when it does not say.
    public func prefers(_ type: String, over other: String) -> Bool {
        let ranges = headers[values: .accept].flatMap { $0.split(separator: ",") }.compactMap(MediaRange.init)
        return ranges.quality(of: type) > ranges.quality(of: other)
    }
}

/// One element of `Accept`: which types, and how much they are wanted, in thousandths.
private struct MediaRange {
    let type: String
    let quality: Int

    init?(_ text: Substring) {
        let parts = text.split(separator: ";").map { $0.trimmed.lowercased() }
        guard let type = parts.first, type.contains("/") else { return nil }
        self.type = type
        guard let weight = parts.dropFirst().first(where: { $0.hasPrefix("q=") }) else {
            quality = 1_000
            return
        }
        guard let value = Double(weight.dropFirst(2)), (0...1).contains(value) else { return nil }
        quality = Int(value * 1_000)
    }

    /// The more specific range decides; nil when this one says nothing about the type.
    func specificity(for wanted: String) -> Int? {
        if type == wanted { return 2 }
        if type.hasSuffix("/*"), wanted.hasPrefix(type.dropLast()) { return 1 }
        return type == "*/*" ? 0 : nil
    }
}

extension [MediaRange] {
    fileprivate func quality(of type: String) -> Int {
        let fitting = compactMap { range in range.specificity(for: type).map { ($0, range.quality) } }
        return fitting.max { $0.0 < $1.0 }?.1 ?? 0
    }
}

extension Substring {
    fileprivate var trimmed: Substring {
        var text = self
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return text
    }
}
