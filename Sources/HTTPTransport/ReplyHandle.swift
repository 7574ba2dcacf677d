package import HTTPWire
import Synchronization

/// The duty to answer one request. Usable from any thread; a handle that is dropped answers 500 by itself, so that no
/// client waits for an answer that nobody owes any more.
package final class ReplyHandle: Sendable {
    private let deliver: Mutex<(@Sendable (HTTPReply?) -> Void)?>

    /// `deliver` gets nil from a handle that is dropped.
    init(_ deliver: @escaping @Sendable (HTTPReply?) -> Void) {
        self.deliver = Mutex(deliver)
    }

    deinit {
        let unused = deliver.withLock { $0.take() }
        unused?(nil)
    }

    /// Sends the answer. Only the first call counts.
    package func reply(_ reply: HTTPReply) {
        let first = deliver.withLock { $0.take() }
        first?(reply)
    }
}

extension HTTPRefusal {
    /// The answer to a request whose handle was dropped.
    static func dropped(_ headers: HTTPHeaderBlock) -> HTTPRefusal {
        HTTPRefusal(500, "the request was dropped without an answer", headers: headers)
    }
}
