/// Begins to fill a stream and returns what is to be called, once, when it has ended: at its own end, when the peer has
/// left or does not read, or when the server drains. Called on the connection's queue, as what it returns; neither may
/// block. It is not called for `HEAD` or when the peer has left before.
package typealias StreamStart = @Sendable (ReplyStream) -> @Sendable () -> Void

/// The rest of a streamed answer. Usable from any thread; what is sent after the end is thrown away.
package struct ReplyStream: Sendable {
    private let connection: Connection
    private let request: Int
    private let loop: ConnectionLoop

    init(_ connection: Connection, _ request: Int, _ loop: ConnectionLoop) {
        self.connection = connection
        self.request = request
        self.loop = loop
    }

    /// Sends more, in the order of the calls. A peer that has left more than `streamUnsentBytesMax` unread is cut off.
    package func send(_ bytes: [UInt8]) { loop.hand(.piece(bytes), to: connection, request: request) }

    /// The answer is complete.
    package func end() { loop.hand(.endOfStream, to: connection, request: request) }
}
