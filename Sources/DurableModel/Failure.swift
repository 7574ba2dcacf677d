/// The error that ends an invocation and is returned to its caller: the engine's form of a `TerminalError`.
package struct TerminalFailure: Hashable, Sendable, Error {
    /// An HTTP-like code as the author gave it, 500 when none was given. May lie outside 100…999.
    package var code: Int
    package var message: String
    /// In the order in which the author gave it.
    package var metadata: [Metadata]

    package struct Metadata: Hashable, Sendable {
        package var name: String
        package var value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    package init(code: Int = 500, message: String, metadata: [Metadata] = []) {
        self.code = code
        self.message = message
        self.metadata = metadata
    }
}

/// How an invocation, a step or an awakeable ended.
package enum Outcome: Hashable, Sendable {
    case success(Bytes)
    case failure(TerminalFailure)
}
