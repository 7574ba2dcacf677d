/// What the fields of a message say of the length of its body (RFC 9112 section 6), gathered and then judged. Whatever
/// two servers might read differently is refused.
struct HTTPFraming {
    private var contentLength: Int?
    private var codings: [ArraySlice<UInt8>]?

    mutating func add(contentLength value: ByteSpan) throws(HTTPRefusal) {
        guard contentLength == nil else { throw HTTPRefusal(400, "there is more than one content-length") }
        guard let length = HTTPGrammar.decimal(value) else {
            throw HTTPRefusal(400, "content-length is not a number of bytes")
        }
        contentLength = length
    }

    mutating func add(transferEncoding value: ByteSpan) {
        let elements = value.array.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
        codings = (codings ?? []) + elements.map(HTTPGrammar.trimmed)
    }

    func decide(minorVersion: Int, bodyBytesMax: Int) throws(HTTPRefusal) -> HTTPHead.Framing {
        if let codings {
            try judge(codings, minorVersion: minorVersion)
            return .chunked
        }
        let length = contentLength ?? 0
        guard length <= bodyBytesMax else {
            throw HTTPRefusal(413, "the body is longer than \(bodyBytesMax) bytes")
        }
        return .length(length)
    }

    private func judge(_ codings: [ArraySlice<UInt8>], minorVersion: Int) throws(HTTPRefusal) {
        if contentLength != nil {
            throw HTTPRefusal(400, "content-length and transfer-encoding together leave the length open")
        }
        if minorVersion == 0 { throw HTTPRefusal(400, "HTTP/1.0 has no transfer-encoding") }
        guard let last = codings.last, HTTPGrammar.equals(last, "chunked") else {
            throw HTTPRefusal(400, "the last transfer-encoding is not chunked, so the body has no end")
        }
        let others = codings.dropLast()
        if others.isEmpty { return }
        if others.contains(where: { $0.isEmpty || HTTPGrammar.equals($0, "chunked") }) {
            throw HTTPRefusal(400, "transfer-encoding names nothing, or chunked twice")
        }
        throw HTTPRefusal(501, "the only transfer-encoding known here is chunked")
    }
}
