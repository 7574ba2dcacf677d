/// How time passes outside of handlers.
public protocol Waiting: Sendable {
    /// Returns early, with an error, only when the task is cancelled.
    func wait(_ duration: Duration) async throws
}

/// Real time.
public struct RealTime: Waiting {
    public init() {}

    public func wait(_ duration: Duration) async throws {
        try await Task.sleep(for: duration)
    }
}
