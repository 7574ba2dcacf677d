import DurableModel
import HTTPWire

extension InputRule {
    /// Judges content type and emptiness (ingress reference 1.5); what the body says is `inputProblem`'s matter.
    func check(_ message: HTTPMessage) throws(IngressError) {
        let contentType = message.headers.firstIndex(of: "content-type")
        switch self {
        case .any: return
        case .none:
            guard message.body.isEmpty, contentType == nil else { throw .bodyNotExpected }
        case .content(let expected, let required, let nonEmpty):
            guard let contentType else {
                guard message.body.isEmpty, !required else { throw .contentTypeMissing(expected: expected) }
                return
            }
            guard message.headers.withValue(at: contentType, { Self.matches($0, pattern: expected) }) else {
                throw .contentTypeMismatch(message.headers.value(at: contentType), expected: expected)
            }
            guard !nonEmpty || !message.body.isEmpty else { throw .bodyEmpty(contentType: expected) }
        }
    }

    /// `*/*`, `type/*` or `type/subtype` against a content type, case-sensitively and without its parameters.
    private static func matches(_ contentType: UnsafeBufferPointer<UInt8>, pattern: String) -> Bool {
        // What nearly all send where JSON is expected, as the rest would find out.
        if pattern == "application/json", contentType.elementsEqual("application/json".utf8) { return true }
        let essence = trimmed(contentType.prefix { $0 != UInt8(ascii: ";") })
        guard let slash = essence.firstIndex(of: UInt8(ascii: "/")) else { return false }
        if pattern == "*/*" || essence.elementsEqual(pattern.utf8) { return true }
        return pattern.hasSuffix("/*") && essence[...slash].elementsEqual(pattern.utf8.dropLast())
    }

    private static func trimmed(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> Slice<UnsafeBufferPointer<UInt8>> {
        let isSpace = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
        let start = text.drop(while: isSpace)
        return start.prefix((start.lastIndex { !isSpace($0) } ?? start.startIndex - 1) - start.startIndex + 1)
    }
}
