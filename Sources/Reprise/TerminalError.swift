/// An error that ends the invocation: it is journaled and returned to the caller, never retried. Every other error
/// that leaves a handler or a `run` closure is retried. Mirrors Restate's `TerminalError`.
public struct TerminalError: Error, Sendable, Hashable {
    /// Returned to the caller as it is.
    public let message: String
    /// Becomes the HTTP status of the answer when it lies in 100…999, else the status is 500.
    public let code: Int
    /// Returned to the caller beside the message.
    public let metadata: [String: String]

    public init(_ message: String, code: Int = 500, metadata: [String: String] = [:]) {
        self.message = message
        self.code = code
        self.metadata = metadata
    }
}
