import EngineCore

/// Tasks that execute attempts, one after the other: a new task for each attempt costs a handful of allocations.
///
/// Touched on the runtime's executor only. Whoever owns it calls `dismiss` at the end, or the tasks would wait for
/// ever.
struct AttemptWorkers {
    /// A class, because it passes through many hands.
    final class Work: Sendable {
        let handler: RegisteredHandler
        let start: AttemptStart

        init(_ handler: RegisteredHandler, _ start: AttemptStart) {
            self.handler = handler
            self.start = start
        }
    }

    private var idle: [UnsafeContinuation<Work?, Never>] = []
    private var isDismissed = false

    /// More than so many are idle only after a burst.
    private static let idleMax = 64

    /// Hands the work to a worker that has nothing to do; false when there is none.
    mutating func take(_ work: Work) -> Bool {
        guard let worker = idle.popLast() else { return false }
        worker.resume(returning: work)
        return true
    }

    /// Whether a worker that has ended its work should wait for more. A handler can have cancelled its task.
    var wantsMore: Bool { !isDismissed && idle.count < Self.idleMax && !Task.isCancelled }

    mutating func add(_ worker: UnsafeContinuation<Work?, Never>) { idle.append(worker) }

    mutating func dismiss() {
        isDismissed = true
        for worker in idle { worker.resume(returning: nil) }
        idle = []
    }
}
