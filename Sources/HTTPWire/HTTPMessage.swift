/// One request as it stood on the wire, body complete and unframed.
package struct HTTPMessage: Sendable {
    /// The method token, case preserved (`GET`).
    package var method: String
    /// Origin form: path with optional query, starting with `/` (or the lone `*` of `OPTIONS *`). An absolute-form
    /// target has been reduced to this, and its authority stands as the `host` field. Not percent-decoded. Visible
    /// ASCII, and UTF-8 beyond it.
    package var target: String
    package var headers: HTTPHeaderBlock
    package var body: [UInt8]

    package init(method: String, target: String, headers: HTTPHeaderBlock = HTTPHeaderBlock(), body: [UInt8] = []) {
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
    }
}

extension HTTPMessage {
    /// What method, target and fields take.
    package var headBytes: Int { method.utf8.count + target.utf8.count + headers.bytesHeld }
}

/// One answer, before framing: `content-length`, `date` and `connection` are added when it is serialized.
package struct HTTPReply: Sendable, Equatable {
    package var status: Int
    /// Names in lower case, in the order in which they are sent.
    package var headers: [HTTPReplyHeader]
    package var body: [UInt8]
    /// The body goes on after `body`, in pieces, and its length is not known. Needs a status that has a body.
    package var isStream = false

    package init(status: Int, headers: [HTTPReplyHeader] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

package struct HTTPReplyHeader: Sendable, Equatable {
    package var name: String
    package var value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}
