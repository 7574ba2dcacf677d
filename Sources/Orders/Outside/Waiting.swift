/// How time passes outside of handlers.
protocol Waiting: Sendable {
    /// Returns early, with an error, only when the task is cancelled.
    func wait(_ duration: Duration) async throws
}

/// Real time.
struct RealTime: Waiting {
    func wait(_ duration: Duration) async throws { try await Task.sleep(for: duration) }
}
