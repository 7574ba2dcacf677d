import HTTPWire

extension FuzzTarget {
    /// A connection: what it takes does not depend on how the bytes come, and stays within its limits.
    static let requests = FuzzTarget(
        "requests",
        seeds: [
            "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
            "POST /a/b?c=%20 HTTP/1.1\r\nHost: a:80\r\nContent-Length: 3\r\nX: y z\r\n\r\nabc"
                + "GET /2 HTTP/1.1\r\nHost: a\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "3;a=\"b\"\r\nabc\r\nA\r\n0123456789\r\n0\r\nT: u\r\n\r\n",
            "\r\nHEAD http://[::1]:8/x HTTP/1.0\r\nConnection: keep-alive, close\r\nHost:\r\n\r\n",
            "OPTIONS * HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx",
        ],
        words: [
            "\r\n", "\r\n\r\n", "HTTP/1.1", "HTTP/1.0", "Host: a\r\n", "Content-Length: 0\r\n", "Content-Length: 5\r\n",
            "Transfer-Encoding: chunked\r\n", "Connection: close\r\n", "Expect: 100-continue\r\n", "0\r\n\r\n",
            "chunked", ", ", "ffffffff", "http://", "CONNECT ", "HEAD ", "\r", "\n", "\u{0}", " ", "\t", ":", ";", "\"",
        ],
        feed: { bytes in
            var limits = HTTPLimits()
            limits.headBytesMax = 300
            limits.targetBytesMax = 60
            limits.fieldsMax = 8
            limits.bodyBytesMax = 40
            limits.trailerBytesMax = 60
            limits.chunkLineBytesMax = 30
            limits.chunkExcessBytesMax = 60
            let whole = Transcript(of: [bytes[...]], limits: limits)
            let byByte = Transcript(of: bytes.indices.map { bytes[$0...$0] }, limits: limits)
            if whole != byByte { return "what is read does not depend on the cut: \(whole) and \(byByte)" }
            if !bytes.isEmpty {
                let middle = (bytes.count * 31) % bytes.count
                let halves = Transcript(of: [bytes[..<middle], bytes[middle...]], limits: limits)
                if whole != halves { return "what is read does not depend on the cut: \(whole) and \(halves)" }
            }
            for request in whole.requests {
                guard request.body.count <= limits.bodyBytesMax else { return "a body is within its limit" }
                guard request.target.utf8.count <= limits.targetBytesMax else { return "a target is within its limit" }
                guard request.target.hasPrefix("/") || request.target == "*" else {
                    return "a target is in origin form"
                }
            }
            return whole.refusal != nil && !whole.isClosed ? "a refusal ends the connection" : nil
        })
}
