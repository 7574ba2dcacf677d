/// Frames replies: one contiguous run of bytes each.
package enum HTTPSerializer {
    /// `date` is an IMF-fixdate. A reply to HEAD keeps its `content-length` and loses its body. A stream is chunked, or
    /// ends with the connection for a peer that knows no chunks.
    static func bytes(
        of reply: HTTPReply, date: String, isHead: Bool, keepsAlive: Bool, minorVersion: Int
    ) -> [UInt8] {
        let mayHaveBody = reply.status >= 200 && reply.status != 204 && reply.status != 304
        let hasBody = mayHaveBody && !isHead
        let first = hasBody && reply.isStream ? piece(reply.body[...], minorVersion: minorVersion) : reply.body
        // Of the fields of our own none is longer than the room for it.
        let countMax =
            reply.headers.reduce(ownFieldsBytesMax + date.utf8.count) {
                $0 + $1.name.utf8.count + $1.value.utf8.count + 4
            } + (hasBody ? first.count : 0)
        return ByteWriter.bytes(countMax: countMax) { bytes in
            write(status: reply.status, to: &bytes)
            for header in reply.headers where isAllowed(header.name) { write(header, to: &bytes) }
            if reply.isStream {
                if minorVersion > 0 { bytes.write("\r\ntransfer-encoding: chunked") }
            } else if mayHaveBody {
                bytes.write("\r\ncontent-length: ")
                bytes.write(reply.body.count)
            }
            bytes.write("\r\ndate: ")
            bytes.write(date)
            if !keepsAlive {
                bytes.write("\r\nconnection: close")
            } else if minorVersion == 0 {
                bytes.write("\r\nconnection: keep-alive")
            }
            bytes.write("\r\n\r\n")
            if hasBody { bytes.write(first) }
        }
    }

    /// Status line, framing, connection and the empty line, without the text of the date.
    private static let ownFieldsBytesMax = 192

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
        // Always there for the texts of Swift itself.
        name.utf8.withContiguousStorageIfAvailable { isAllowed($0.span) } ?? isAllowed(Array(name.utf8).span)
    }

    private static func isAllowed(_ name: ByteSpan) -> Bool {
        guard !name.isEmpty, name.allSatisfy(HTTPGrammar.isToken) else { return false }
        switch name.count {
        case 4: return !HTTPGrammar.equals(name, "date")
        case 10: return !HTTPGrammar.equals(name, "connection") && !HTTPGrammar.equals(name, "keep-alive")
        case 14: return !HTTPGrammar.equals(name, "content-length")
        case 17: return !HTTPGrammar.equals(name, "transfer-encoding")
        default: return true
        }
    }

    private static func write(_ header: HTTPReplyHeader, to bytes: inout ByteWriter) {
        bytes.write("\r\n")
        bytes.write(header.name)
        bytes.write(": ")
        let start = bytes.count
        bytes.write(header.value)
        // A line break in a value would begin a field or a message of its own.
        bytes.replace(from: start, with: HTTPGrammar.space, unless: HTTPGrammar.isFieldValue)
    }

    private static func write(status: Int, to bytes: inout ByteWriter) {
        if status == 200 { return bytes.write("HTTP/1.1 200 OK") }
        bytes.write("HTTP/1.1 ")
        bytes.write(String(status))
        bytes.write(HTTPGrammar.space)
        bytes.write(reason(for: status))
    }

    private static func reason(for status: Int) -> StaticString {
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
