/// Why the bytes of a connection are no request. The connection is closed after the answer, because nobody knows
/// where the next request would begin.
package struct HTTPRefusal: Error, Sendable, Equatable {
    package var status: Int
    package var message: String
    /// The declared length is over the limit: refused before the body was read.
    package var isEarlyLength = false

    package init(_ status: Int, _ message: String, isEarlyLength: Bool = false) {
        self.status = status
        self.message = message
        self.isEarlyLength = isEarlyLength
    }

    /// An early refusal by length is plain text, as the stack in front of Restate's ingress gives it (ingress
    /// reference 0.2); everything else is a JSON error.
    package var reply: HTTPReply {
        if isEarlyLength {
            return HTTPReply(
                status: status, headers: [HTTPReplyHeader("content-type", "text/plain; charset=utf-8")],
                body: Array(message.utf8))
        }
        // The messages are this target's own and need no escaping.
        let body = "{\"code\":\(status),\"message\":\"\(message)\",\"source\":\"ingress\"}"
        return HTTPReply(
            status: status,
            headers: [
                HTTPReplyHeader("content-type", "application/json"),
                HTTPReplyHeader("x-restate-error-source", "ingress"),
            ], body: Array(body.utf8))
    }
}
