/// Swift's descriptions of values, made readable: bytes as the text that they are, types without their modules.
enum PlainText {
    static func of(_ description: String) -> String {
        var result = ""
        var rest = Substring(description)
        while let next = rest.first {
            if next == "[", let (text, after) = bytes(rest) {
                result += text
                rest = after
            } else if let module = modules.first(where: rest.hasPrefix) {
                rest = rest.dropFirst(module.count)
            } else {
                result.append(next)
                rest = rest.dropFirst()
            }
        }
        return result
    }

    private static let modules = ["DurableModel.", "EngineCore.", "Runtime."]

    /// `[49, 50]` is `'12'`.
    private static func bytes(_ text: Substring) -> (String, Substring)? {
        guard let end = text.firstIndex(of: "]") else { return nil }
        let numbers = text[text.index(after: text.startIndex)..<end].split(separator: ",").map { number in
            UInt8(number.drop { $0 == " " })
        }
        let isText = !numbers.isEmpty && numbers.allSatisfy { $0.map { $0 >= 32 } ?? false }
        guard isText else { return nil }
        let bytes = numbers.compactMap { $0 }
        return ("'" + String(decoding: bytes, as: UTF8.self) + "'", text[text.index(after: end)...])
    }
}
