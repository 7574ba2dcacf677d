public import Logging

/// One line of `ctx.logger`, kept as data until it may be said.
public struct LogLine: Sendable {
    /// swift-log's level.
    public let level: Logger.Level
    /// The text, without invocation id.
    public let message: String

    public init(level: Logger.Level, message: String) {
        self.level = level
        self.message = message
    }
}

/// swift-log's logger, so that services need no import of their own.
public typealias Logger = Logging.Logger
