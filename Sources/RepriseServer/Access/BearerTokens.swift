/// The tokens that are good at the moment (RFC 6750).
struct BearerTokens: Sendable {
    private var tokens: [[UInt8]] = []

    /// A token a line; what is empty or begins with `#` is none.
    init(parsing file: [UInt8]) throws(AccessError) {
        for (index, line) in file.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
            let token = Self.trimmed(line)
            if token.isEmpty || token.first == UInt8(ascii: "#") { continue }
            guard Self.isToken(token) else {
                throw AccessError("line \(index + 1) is no bearer token: letters, digits, -._~+/ and final = make one")
            }
            tokens.append(Array(token))
        }
        guard !tokens.isEmpty else { throw AccessError("there is no token in it") }
    }

    var count: Int { tokens.count }

    /// Short ones can be guessed over the network.
    var hasShortOnes: Bool { tokens.contains { $0.count < 16 } }

    /// The time that this takes depends on the length of `presented` and on the number of tokens, not on what is in
    /// them.
    func holds(_ presented: some Collection<UInt8>) -> Bool {
        let presented = Array(presented)
        var isHeld = false
        for token in tokens {
            var difference = token.count ^ presented.count
            for index in presented.indices { difference |= Int(presented[index] ^ token[index % token.count]) }
            isHeld = difference == 0 || isHeld
        }
        return isHeld
    }

    /// b64token = 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="
    private static func isToken(_ bytes: ArraySlice<UInt8>) -> Bool {
        let padding = bytes.reversed().prefix { $0 == UInt8(ascii: "=") }.count
        let body = bytes.dropLast(padding)
        return !body.isEmpty
            && body.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                    UInt8(ascii: "A")...UInt8(ascii: "Z"):
                    true
                default: "-._~+/".utf8.contains(byte)
                }
            }
    }

    private static func trimmed(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let isSpace = { (byte: UInt8) in byte == 0x20 || byte == 0x09 || byte == 0x0D }
        var line = line.drop(while: isSpace)
        while let last = line.last, isSpace(last) { line.removeLast() }
        return line
    }
}
