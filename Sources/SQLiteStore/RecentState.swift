import DurableModel
import Synchronization

/// What `recent_state` says and `state` does not yet: who loads an object asks here first, then the table. What a
/// commit brought is here before anybody hears that it is durable, and until it is in the table.
final class RecentState: Sendable {
    /// By name; nil for a value that was deleted.
    typealias Values = [ExactText: Bytes?]

    private struct Content {
        /// Of commits since the last settling began.
        var latest: [ObjectID: Values] = [:]
        /// What is being written to the table. While it is, nothing else is committed.
        var settling: [ObjectID: Values] = [:]
        var bytes = 0
        var wasBusy = false
    }

    private let content = Mutex(Content())

    func values(of object: ObjectID) -> Values {
        content.withLock { $0.latest[object] ?? $0.settling[object] ?? [:] }
    }

    var isEmpty: Bool { content.withLock { $0.latest.isEmpty } }

    /// Whether settling would take noticeably longer if there were more.
    var isLarge: Bool { content.withLock { $0.latest.count >= Self.objectsMax || $0.bytes >= Self.bytesMax } }

    private static let objectsMax = 4096
    private static let bytesMax = 4 << 20

    /// Whether there is something to settle, and no commit since the last time that this was asked was a busy server's.
    func hasCalmedDown() -> Bool {
        content.withLock { content in
            defer { content.wasBusy = false }
            return !content.wasBusy && !content.latest.isEmpty
        }
    }

    // MARK: In accesses of the writing connection

    func add(_ changes: [StateChange], isBusy: Bool) {
        content.withLock { content in
            content.wasBusy = content.wasBusy || isBusy
            for change in changes {
                let name = ExactText(change.name)
                if let place = content.latest.index(forKey: change.object) {
                    content.latest.values[place].updateValue(change.value, forKey: name)
                } else {
                    content.latest[change.object] = [name: change.value]
                }
                content.bytes += change.value?.count ?? 0
            }
        }
    }

    /// For the table. `endSettling` must follow.
    func beginSettling() -> [ObjectID: Values] {
        content.withLock { content in
            content.settling = content.latest
            content.latest = [:]
            return content.settling
        }
    }

    func endSettling(isDone: Bool) {
        content.withLock { content in
            if isDone { content.bytes = 0 } else { content.latest = content.settling }
            content.settling = [:]
        }
    }
}

/// A value of an object that was set, or deleted.
struct StateChange: Equatable {
    var object: ObjectID
    var name: String
    var value: Bytes?
}
