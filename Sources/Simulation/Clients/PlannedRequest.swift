package import DurableModel

/// A request that a client will make, drawn from the seed before anything happens.
package struct PlannedRequest: Sendable, Equatable {
    package enum Sequel: Sendable, Equatable {
        /// Wait for the result of what was sent.
        case attach
        /// Ask for the result until it is there.
        case output
    }

    package enum HangUp: Sendable, Equatable {
        /// The connection ends after this share (of 100) of the request's bytes.
        case midRequest(percent: Int)
        case beforeAnswer
    }

    /// Of what it is about: `/service/key/handler`.
    package var path: String
    package var body: String?
    package var idempotencyKey: String?
    package var isSend = false
    /// Of a send.
    package var delayMs: Int?
    package var sequel: Sequel?
    package var hangUp: HangUp?
    package var isChunked = false
    package var client = 0
    /// Reads may be repeated by anybody who got no answer.
    package var isRead = false
    package var method = "POST"
    /// What is asked for, where that is not `path` itself.
    package var target: String?
    package var headers: [String] = []
    /// The status with which it must be refused; nil for what is in order.
    package var expects: Int?

    package init(_ path: String, _ body: String? = nil) {
        self.path = path
        self.body = body
    }

    package var mayRepeat: Bool { idempotencyKey != nil || isRead }

    /// As it goes over the wire.
    package var bytes: Bytes {
        let delay = delayMs.map { "?delay=\($0)ms" } ?? ""
        let target = target ?? path + (isSend ? "/send" + delay : "")
        var text = "\(method) \(target) HTTP/1.1\r\nhost: simulated\r\n"
        for header in headers { text += header + "\r\n" }
        if let idempotencyKey { text += "idempotency-key: \(idempotencyKey)\r\n" }
        guard let body else { return Array((text + "content-length: 0\r\n\r\n").utf8) }
        text += "content-type: application/json\r\n"
        if isChunked {
            let split = body.utf8.count / 2
            let (first, second) = (body.prefix(split), body.dropFirst(split))
            text += "transfer-encoding: chunked\r\n\r\n"
            if !first.isEmpty { text += "\(String(first.utf8.count, radix: 16))\r\n\(first)\r\n" }
            text += "\(String(second.utf8.count, radix: 16))\r\n\(second)\r\n0\r\n\r\n"
        } else {
            text += "content-length: \(body.utf8.count)\r\n\r\n\(body)"
        }
        return Array(text.utf8)
    }

    package static func get(_ path: String) -> Bytes {
        Array("GET \(path) HTTP/1.1\r\nhost: simulated\r\n\r\n".utf8)
    }
}
