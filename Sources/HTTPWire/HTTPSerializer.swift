/// Frames replies: one contiguous run of bytes each.
package enum HTTPSerializer {
    /// `date` is an IMF-fixdate. A reply to HEAD keeps its `content-length` and loses its body. A stream is chunked, or
    /// ends with the connection for a peer that knows no chunks.
    static func bytes(
        of reply: HTTPReply, date: String, isHead: Bool, keepsAlive: Bool, minorVersion: Int
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(160 + reply.headers.count * 48 + reply.body.count)
        bytes.append(contentsOf: "HTTP/1.1 ".utf8)
        bytes.append(contentsOf: String(reply.status).utf8)
        bytes.append(HTTPGrammar.space)
        bytes.append(contentsOf: reason(for: reply.status).utf8)
        for header in reply.headers where isAllowed(header.name) { append(header.name, header.value, to: &bytes) }
        let mayHaveBody = reply.status >= 200 && reply.status != 204 && reply.status != 304
        if reply.isStream {
            if minorVersion > 0 { append("transfer-encoding", "chunked", to: &bytes) }
        } else if mayHaveBody {
            append("content-length", String(reply.body.count), to: &bytes)
        }
        append("date", date, to: &bytes)
        if !keepsAlive {
            append("connection", "close", to: &bytes)
        } else if minorVersion == 0 {
            append("connection", "keep-alive", to: &bytes)
        }
        bytes.append(contentsOf: "\r\n\r\n".utf8)
        guard mayHaveBody, !isHead else { return bytes }
        if reply.isStream {
            bytes.append(contentsOf: piece(reply.body[...], minorVersion: minorVersion))
        } else {
            bytes.append(contentsOf: reply.body)
        }
        return bytes
    }

    /// More of a stream; no bytes are none, not its end.
    static func piece(_ bytes: ArraySlice<UInt8>, minorVersion: Int) -> [UInt8] {
        guard minorVersion > 0, !bytes.isEmpty else { return Array(bytes) }
        var framed: [UInt8] = []
        framed.reserveCapacity(bytes.count + 12)
        framed.append(contentsOf: String(bytes.count, radix: 16).utf8)
        framed.append(contentsOf: "\r\n".utf8)
        framed.append(contentsOf: bytes)
        framed.append(contentsOf: "\r\n".utf8)
        return framed
    }

    /// What follows the last piece of a stream.
    static func end(minorVersion: Int) -> [UInt8] { minorVersion > 0 ? Array("0\r\n\r\n".utf8) : [] }

    static let continuation: [UInt8] = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)

    /// What is no field name would break the message, and the framing is nobody's but ours.
    private static func isAllowed(_ name: String) -> Bool {
        guard !name.isEmpty, name.utf8.allSatisfy(HTTPGrammar.isToken) else { return false }
        switch name.utf8.count {
        case 4: return !HTTPGrammar.equals(name.utf8, "date")
        case 10: return !HTTPGrammar.equals(name.utf8, "connection") && !HTTPGrammar.equals(name.utf8, "keep-alive")
        case 14: return !HTTPGrammar.equals(name.utf8, "content-length")
        case 17: return !HTTPGrammar.equals(name.utf8, "transfer-encoding")
        default: return true
        }
    }

    private static func append(_ name: String, _ value: String, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: "\r\n".utf8)
        bytes.append(contentsOf: name.utf8)
        bytes.append(contentsOf: ": ".utf8)
        // A line break in a value would begin a field or a message of its own.
        for byte in value.utf8 { bytes.append(HTTPGrammar.isFieldValue(byte) ? byte : HTTPGrammar.space) }
    }

    private static func reason(for status: Int) -> String {
        switch status {
        case 200: "OK"
        case 201: "Created"
        case 202: "Accepted"
        case 204: "No Content"
        case 304: "Not Modified"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 402: "Payment Required"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 408: "Request Timeout"
        case 409: "Conflict"
        case 410: "Gone"
        case 413: "Content Too Large"
        case 414: "URI Too Long"
        case 417: "Expectation Failed"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 470: "Not Ready"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 503: "Service Unavailable"
        case 505: "HTTP Version Not Supported"
        default: "Status"
        }
    }
}
