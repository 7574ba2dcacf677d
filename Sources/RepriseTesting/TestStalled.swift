/// Nothing goes on any more although somebody waits: a handler waits for what never comes, or a step does not return.
/// Or it goes on for ever.
public struct TestStalled: Error, Sendable, CustomStringConvertible {
    /// What each invocation that has not ended waits for.
    public let description: String

    init(_ description: String) { self.description = description }
}
