package import HTTPWire
import Synchronization

/// The duty to answer one request. Usable from any thread; a handle that is dropped answers 500 by itself, so that no
/// client waits for an answer that nobody owes any more.
package final class ReplyHandle: Sendable {
    enum Answer: Sendable {
        case whole(HTTPReply)
        case stream(HTTPReply, StreamStart)
        /// The handle was dropped.
        case none
    }

    private let deliver: Mutex<(@Sendable (Answer) -> Void)?>

    init(_ deliver: @escaping @Sendable (Answer) -> Void) {
        self.deliver = Mutex(deliver)
    }

    deinit {
        let unused = deliver.withLock { $0.take() }
        unused?(.none)
    }

    /// Sends the answer. Only the first call counts.
    package func reply(_ reply: HTTPReply) { give(.whole(reply)) }

    /// Sends the beginning of an answer; `start` is called when it is out, and says where the rest comes from.
    package func stream(_ reply: HTTPReply, _ start: @escaping StreamStart) {
        var reply = reply
        reply.isStream = true
        give(.stream(reply, start))
    }

    private func give(_ answer: Answer) {
        let first = deliver.withLock { $0.take() }
        first?(answer)
    }
}

extension HTTPRefusal {
    /// The answer to a request whose handle was dropped.
    static func dropped(_ headers: HTTPHeaderBlock) -> HTTPRefusal {
        HTTPRefusal(500, "the request was dropped without an answer", headers: headers)
    }
}
