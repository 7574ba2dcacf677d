import Synchronization

/// How many requests were answered, by the class of their status.
final class RequestCounts: Sendable {
    private let counts = Mutex([Int](repeating: 0, count: 10))

    func record(_ status: Int) {
        counts.withLock { $0[min(max(status / 100, 0), 9)] += 1 }
    }

    /// By hundreds: `[2]` counts 2xx.
    var byClass: [Int] { counts.withLock { $0 } }
}
