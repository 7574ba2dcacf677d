import Foundation
import Synchronization

/// Places where a test kills the process: `REPRISE_FAILPOINT=name:n` sends SIGKILL at the n-th hit. Debug builds only.
package enum Failpoint: String, Sendable {
    case beforeCommit = "before-commit"
    case afterCommit = "after-commit"
    /// After a commit, before each external effect of it.
    case beforeEffect = "before-effect"
    /// Around a transactional step, and between its statements and their commit.
    case beforeTransaction = "before-transaction"
    case insideTransaction = "inside-transaction"
    case afterTransaction = "after-transaction"
    case recovery

    #if DEBUG
        private static let armed: (name: String, hit: Int)? = {
            let parts = ProcessInfo.processInfo.environment["REPRISE_FAILPOINT"]?.split(separator: ":") ?? []
            guard parts.count == 2, let hit = Int(parts[1]) else { return nil }
            return (String(parts[0]), hit)
        }()
        private static let hits = Atomic<Int>(0)
    #endif

    package static func hit(_ point: Failpoint) {
        #if DEBUG
            guard let armed, armed.name == point.rawValue else { return }
            if hits.add(1, ordering: .relaxed).newValue == armed.hit { kill(getpid(), SIGKILL) }
        #endif
    }
}
