/// What a request's head says, framing decided.
struct HTTPHead: Sendable {
    enum Framing: Sendable, Equatable {
        case length(Int)
        case chunked
    }

    /// Without its body.
    var message: HTTPMessage
    var minorVersion: Int
    var framing: Framing
    var keepsAlive: Bool
    var expectsContinue: Bool
}

/// Reads one complete head, from the request line to the empty line. Strict: nothing is repaired.
struct HTTPHeadParser {
    private let limits: HTTPLimits
    private var headers: HTTPHeaderBlock
    private var hosts = 0
    /// Of an absolute-form target; stands for what the Host field says.
    private var authority: String?
    private var framing = HTTPFraming()
    private var connectionCloses = false
    private var connectionKeepsAlive = false
    private var expectsContinue = false

    private init(headBytes: Int, _ limits: HTTPLimits) {
        self.limits = limits
        headers = HTTPHeaderBlock(headBytes: headBytes)
    }

    /// `bytes` end with the empty line.
    static func parse(_ bytes: ByteSpan, _ limits: HTTPLimits) throws(HTTPRefusal) -> HTTPHead {
        var parser = HTTPHeadParser(headBytes: bytes.count, limits)
        return try parser.parse(bytes)
    }

    private mutating func parse(_ bytes: ByteSpan) throws(HTTPRefusal) -> HTTPHead {
        var position = 0
        let requestLine = try Self.line(of: bytes, from: &position)
        let (method, target, minorVersion) = try parse(requestLine: bytes.extracting(requestLine))
        while true {
            let field = try Self.line(of: bytes, from: &position)
            if field.isEmpty { break }
            try parse(field: bytes.extracting(field))
        }
        if hosts > 1 { throw HTTPRefusal(400, "there is more than one Host field") }
        if minorVersion == 1, hosts == 0 { throw HTTPRefusal(400, "the Host field is missing") }
        let framing = try framing.decide(minorVersion: minorVersion, bodyBytesMax: limits.bodyBytesMax)
        return HTTPHead(
            message: HTTPMessage(method: method, target: target, headers: headers), minorVersion: minorVersion,
            framing: framing,
            keepsAlive: minorVersion == 1 ? !connectionCloses : connectionKeepsAlive && !connectionCloses,
            expectsContinue: expectsContinue && minorVersion == 1)
    }

    /// Where the bytes up to the next CR LF stand, which is skipped.
    private static func line(of bytes: ByteSpan, from position: inout Int) throws(HTTPRefusal) -> Range<Int> {
        let start = position
        var end = start
        while end < bytes.count {
            let byte = bytes[end]
            if byte == HTTPGrammar.cr {
                guard end + 1 < bytes.count, bytes[end + 1] == HTTPGrammar.lf else {
                    throw HTTPRefusal(400, "a carriage return stands alone")
                }
                position = end + 2
                return start..<end
            }
            if byte == HTTPGrammar.lf { throw HTTPRefusal(400, "a line feed stands alone") }
            end += 1
        }
        throw HTTPRefusal(400, "the head ends within a line")
    }

    // MARK: Request line

    private mutating func parse(requestLine line: ByteSpan) throws(HTTPRefusal) -> (String, String, Int) {
        guard let first = line.firstIndex(of: HTTPGrammar.space),
            let last = line.lastIndex(of: HTTPGrammar.space), first < last
        else { throw HTTPRefusal(400, "the request line is not: method, target, version") }
        let method = line.extracting(..<first)
        let target = line.extracting((first + 1)..<last)
        guard !method.isEmpty, method.allSatisfy(HTTPGrammar.isToken) else {
            throw HTTPRefusal(400, "the method is not a token")
        }
        let minorVersion = try parse(version: line.extracting((last + 1)...))
        guard target.count <= limits.targetBytesMax else {
            throw HTTPRefusal(414, "the request target is longer than \(limits.targetBytesMax) bytes")
        }
        guard !target.isEmpty, target.allSatisfy(HTTPGrammar.isTarget) else {
            throw HTTPRefusal(400, "the request target is empty or holds white space or control characters")
        }
        // What is ASCII need not be validated once more.
        let text = target.withUnsafeBufferPointer { bytes in
            target.allSatisfy({ $0 < 0x80 })
                ? String(decoding: bytes, as: UTF8.self) : String(validating: bytes, as: UTF8.self)
        }
        guard let targetText = text else { throw HTTPRefusal(400, "the request target is not UTF-8") }
        let methodText = method.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
        return (methodText, try originForm(targetText, methodText), minorVersion)
    }

    private func parse(version: ByteSpan) throws(HTTPRefusal) -> Int {
        guard version.count == 8, version.starts(with: "HTTP/"), version[6] == UInt8(ascii: ".")
        else { throw HTTPRefusal(400, "the request line does not end with an HTTP version") }
        let major = version[5]
        let minor = version[7]
        guard major == UInt8(ascii: "1"), minor == UInt8(ascii: "0") || minor == UInt8(ascii: "1") else {
            throw HTTPRefusal(505, "this server speaks HTTP/1.1 and HTTP/1.0")
        }
        return Int(minor - UInt8(ascii: "0"))
    }

    /// RFC 9112 section 3.2: origin form, `*` for OPTIONS, or absolute form, which is taken apart into origin form and
    /// authority.
    private mutating func originForm(_ target: String, _ method: String) throws(HTTPRefusal) -> String {
        if method == "CONNECT" { throw HTTPRefusal(501, "this server is no tunnel") }
        if target.utf8.first == UInt8(ascii: "/") { return target }
        if target == "*", method == "OPTIONS" { return target }
        let lowercase = target.prefix(8).lowercased()
        guard let scheme = ["http://", "https://"].first(where: lowercase.hasPrefix) else {
            throw HTTPRefusal(400, "the request target must begin with a slash")
        }
        let afterScheme = target.dropFirst(scheme.count)
        let end = afterScheme.firstIndex { $0 == "/" || $0 == "?" } ?? afterScheme.endIndex
        let authority = afterScheme[..<end]
        guard !authority.isEmpty, HTTPAuthority.isValid(Array(authority.utf8).span) else {
            throw HTTPRefusal(400, "the request target does not name a host, or a user with it")
        }
        self.authority = String(authority)
        headers.append(name: "host".utf8, value: authority.utf8)
        let rest = afterScheme[end...]
        return rest.first == "/" ? String(rest) : "/" + rest
    }

    // MARK: Fields

    /// The well-formed fields among the lines of a head that is refused or not complete.
    static func salvagedFields(_ bytes: ArraySlice<UInt8>) -> HTTPHeaderBlock {
        var headers = HTTPHeaderBlock()
        let lines = bytes.split(separator: HTTPGrammar.lf, maxSplits: 256, omittingEmptySubsequences: false)
        for line in lines.dropFirst().dropLast() {
            if line.count == 1, line.first == HTTPGrammar.cr { break }
            guard let colon = line.firstIndex(of: HTTPGrammar.colon), line.last == HTTPGrammar.cr else { continue }
            let name = line[..<colon]
            let value = HTTPGrammar.trimmed(line[(colon + 1)...].dropLast())
            guard !name.isEmpty, name.allSatisfy(HTTPGrammar.isToken), value.allSatisfy(HTTPGrammar.isFieldValue) else {
                continue
            }
            headers.append(name: name.lazy.map(HTTPGrammar.lowercased), value: value)
        }
        return headers
    }

    private mutating func parse(field line: ByteSpan) throws(HTTPRefusal) {
        guard headers.count < limits.fieldsMax else {
            throw HTTPRefusal(431, "there are more than \(limits.fieldsMax) fields")
        }
        let field = try Self.split(field: line)
        let name = line.extracting(field.name)
        let value = line.extracting(field.value)
        try interpret(name, value)
        // RFC 9112 section 3.2.2: with an absolute-form target whatever the Host field says is ignored.
        if authority != nil, HTTPGrammar.equals(name, "host") { return }
        headers.append(lowercasing: name, value: value)
    }

    /// field-line = field-name ":" OWS field-value OWS
    static func split(field line: ByteSpan) throws(HTTPRefusal) -> (name: Range<Int>, value: Range<Int>) {
        if !line.isEmpty, HTTPGrammar.isBlank(line[0]) {
            throw HTTPRefusal(400, "a field goes on over two lines")
        }
        guard let colon = line.firstIndex(of: HTTPGrammar.colon) else {
            throw HTTPRefusal(400, "a field has no colon")
        }
        guard colon > 0, line.extracting(..<colon).allSatisfy(HTTPGrammar.isToken) else {
            throw HTTPRefusal(400, "a field name is empty or holds characters that it may not")
        }
        let value = line.trimmed(from: colon + 1)
        guard line.extracting(value).allSatisfy(HTTPGrammar.isFieldValue) else {
            throw HTTPRefusal(400, "a field value holds control characters")
        }
        return (0..<colon, value)
    }

    private mutating func interpret(_ name: ByteSpan, _ value: ByteSpan) throws(HTTPRefusal) {
        switch name.count {
        case 4 where HTTPGrammar.equals(name, "host"):
            guard HTTPAuthority.isValid(value) else { throw HTTPRefusal(400, "the Host field is not a host") }
            hosts += 1
        case 6 where HTTPGrammar.equals(name, "expect"):
            guard HTTPGrammar.equals(value, "100-continue") else {
                throw HTTPRefusal(417, "the only expectation that can be met is 100-continue")
            }
            expectsContinue = true
        case 10 where HTTPGrammar.equals(name, "connection"):
            for option in value.array.split(separator: UInt8(ascii: ",")).map(HTTPGrammar.trimmed) {
                if HTTPGrammar.equals(option, "close") { connectionCloses = true }
                if HTTPGrammar.equals(option, "keep-alive") { connectionKeepsAlive = true }
            }
        case 14 where HTTPGrammar.equals(name, "content-length"): try framing.add(contentLength: value)
        case 17 where HTTPGrammar.equals(name, "transfer-encoding"): framing.add(transferEncoding: value)
        default: break
        }
    }
}
