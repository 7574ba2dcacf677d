public import Logging

/// The log of one invocation. Lines carry the invocation's id, are silent while replaying, and leave only when
/// everything before them is durable. Levels are swift-log's.
///
/// It belongs to its context and is not `Sendable`: inside the closure of a `run`, which is outside of the journal, use
/// a `Logger` of your own; that one writes at once.
public struct HandlerLogger {
    let operations: any DurableOperations

    /// One line at a level chosen at run time.
    public func log(_ level: Logger.Level, _ message: String) {
        operations.log(LogLine(level: level, message: message))
    }

    /// For whoever works on the handler.
    public func debug(_ message: String) { log(.debug, message) }
    /// What normally happens.
    public func info(_ message: String) { log(.info, message) }
    /// What is normal but worth seeing.
    public func notice(_ message: String) { log(.notice, message) }
    /// What may need attention.
    public func warning(_ message: String) { log(.warning, message) }
    /// What went wrong.
    public func error(_ message: String) { log(.error, message) }
}

@available(*, unavailable) extension HandlerLogger: Sendable {}
