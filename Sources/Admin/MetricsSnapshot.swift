package import DurableModel

/// Figures of the running process at one moment. Counters grow from its start.
package struct MetricsSnapshot: Sendable, Equatable {
    /// Answered requests of the ingress.
    package var requests = StatusClassCounts()
    package var turns: UInt64 = 0
    package var commits: UInt64 = 0
    /// From the begin of a commit until it is synced.
    package var commitTime = DurationHistogram()
    /// Attempts whose handler is in memory, and those of them that wait for something.
    package var liveAttempts: Int = 0
    package var parkedAttempts: Int = 0
    /// Attempts that have neither waited for anything nor returned for a minute.
    package var stuckAttempts: Int = 0
    /// Key lanes with an owner.
    package var lanes: Int = 0
    /// Turns that are thought but not yet durable.
    package var backlogTurns: Int = 0
    package var pausedInvocations: Int = 0
    package var databaseBytes: Int64 = 0
    package var walBytes: Int64 = 0
    package var connections: Int = 0

    package init() {}
}

/// Requests by the first digit of their status.
package struct StatusClassCounts: Sendable, Equatable {
    /// 1xx to 5xx; what an author chose above that is counted with 5xx.
    package private(set) var counts: [UInt64] = Array(repeating: 0, count: 5)

    package init() {}

    package mutating func add(status: Int, _ count: UInt64 = 1) {
        counts[min(max(status / 100, 1), 5) - 1] += count
    }
}
