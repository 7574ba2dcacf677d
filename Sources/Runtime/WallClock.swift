import Dispatch
import Foundation

/// The system's wall clock. Durable timers wait on it, so they follow when it is set.
package struct WallClock: RuntimeClock {
    private let queue = DispatchQueue(label: "reprise.clock")

    package init() {}

    package func nowMs() -> Int64 {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return Int64(now.tv_sec) * 1000 + Int64(now.tv_nsec) / 1_000_000
    }

    package func schedule(atMs: Int64, _ wake: @escaping @Sendable () -> Void) {
        let due = timespec(tv_sec: Int(atMs / 1000), tv_nsec: Int(atMs % 1000) * 1_000_000)
        queue.asyncAfter(wallDeadline: DispatchWallTime(timespec: due), execute: wake)
    }
}
