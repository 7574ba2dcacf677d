import Dispatch
import Synchronization

/// Carries the write-ahead log into the database ten times a second, beside commits.
final class Checkpointer: Sendable {
    private let queue = DispatchQueue(label: "reprise.checkpoint", qos: .utility)
    private let isStopped = Atomic<Bool>(false)
    private let checkpoint: @Sendable () -> Void

    init(_ checkpoint: @escaping @Sendable () -> Void) {
        self.checkpoint = checkpoint
        scheduleNext()
    }

    private func scheduleNext() {
        queue.asyncAfter(deadline: .now() + .milliseconds(100)) { [self] in
            guard !isStopped.load(ordering: .relaxed) else { return }
            checkpoint()
            scheduleNext()
        }
    }

    /// Returns when no checkpoint is under way; none will be.
    func stop() {
        isStopped.store(true, ordering: .relaxed)
        queue.sync {}
    }
}
