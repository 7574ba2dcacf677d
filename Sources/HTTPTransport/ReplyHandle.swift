package import HTTPWire
import Synchronization

/// The duty to answer one request. Usable from any thread; a handle that is dropped answers 500 by itself, so that no
/// client waits for an answer that nobody owes any more.
package final class ReplyHandle: Sendable {
    private let connection: Connection
    /// Where its connection lives.
    package let loop: ConnectionLoop
    private let request: Int
    /// Of the request: the answer may depend on them also when there is none.
    private let headers: HTTPHeaderBlock
    private let isOwed = Atomic<Bool>(true)

    init(_ connection: Connection, on loop: ConnectionLoop, request: Int, headers: HTTPHeaderBlock) {
        self.connection = connection
        self.loop = loop
        self.request = request
        self.headers = headers
    }

    deinit {
        if isOwed.load(ordering: .relaxed) { give(.reply(connection.answer(toDropped: headers))) }
    }

    /// Sends the answer. Only the first call counts.
    package func reply(_ reply: HTTPReply) { give(.reply(reply)) }

    /// Sends the beginning of an answer; `start` is called when it is out, and says where the rest comes from.
    package func stream(_ reply: HTTPReply, _ start: @escaping StreamStart) {
        var reply = reply
        reply.isStream = true
        give(.stream(reply, start))
    }

    private func give(_ answer: ConnectionLoop.Outgoing) {
        guard isOwed.exchange(false, ordering: .relaxed) else { return }
        loop.hand(answer, to: connection, request: request)
    }
}

extension HTTPRefusal {
    /// The answer to a request whose handle was dropped.
    static func dropped(_ headers: HTTPHeaderBlock) -> HTTPRefusal {
        HTTPRefusal(500, "the request was dropped without an answer", headers: headers)
    }
}
