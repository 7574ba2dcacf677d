/// Why a request is turned away before anybody has looked at what it asks. Where it comes from the framing, the
/// connection is closed after the answer, because nobody knows where the next request would begin.
package struct HTTPRefusal: Error, Sendable, Equatable {
    package var status: Int
    package var message: String
    /// Worth another try after so long.
    package var retryAfterSeconds: Int?
    /// What would be taken for an identification (`www-authenticate`); 401 only.
    package var challenge: String?
    /// The fields of the request, as far as they could be read.
    package var headers: HTTPHeaderBlock?
    /// The answer has no body then.
    package var isAnswerToHead = false

    package init(
        _ status: Int, _ message: String, retryAfterSeconds: Int? = nil, headers: HTTPHeaderBlock? = nil
    ) {
        self.status = status
        self.message = message
        self.retryAfterSeconds = retryAfterSeconds
        self.headers = headers
    }

    /// As JSON, for servers that have no form of their own.
    package var reply: HTTPReply {
        var body = Array("{\"code\":\(status),\"message\":".utf8)
        JSONString.append(message, to: &body)
        body.append(UInt8(ascii: "}"))
        var reply = HTTPReply(
            status: status, headers: [HTTPReplyHeader("content-type", "application/json")], body: body)
        reply.headers += advice
        return reply
    }

    /// The fields that tell the client what to do about it.
    package var advice: [HTTPReplyHeader] {
        var fields: [HTTPReplyHeader] = []
        if let retryAfterSeconds { fields.append(HTTPReplyHeader("retry-after", String(retryAfterSeconds))) }
        if let challenge { fields.append(HTTPReplyHeader("www-authenticate", challenge)) }
        return fields
    }
}
