/// Syntax of scope and limit key (ingress reference 3.5). The feature itself is absent here: a request that uses it is
/// refused as by a server on which it is switched off.
enum FlowControlText {
    private static let maxComponentBytes = 36

    static func isScope(_ text: String) -> Bool {
        (1...maxComponentBytes).contains(text.utf8.count) && text.utf8.allSatisfy(isAllowed)
    }

    /// One or two components joined by `/`, one trailing `/` tolerated.
    static func isLimitKey(_ text: String) -> Bool {
        let trimmed = text.hasSuffix("/") ? text.dropLast() : text[...]
        let components = trimmed.split(separator: "/", omittingEmptySubsequences: false)
        return components.count <= 2 && components.allSatisfy { isScope(String($0)) }
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
