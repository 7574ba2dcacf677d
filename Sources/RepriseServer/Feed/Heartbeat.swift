import Dispatch
import Synchronization

/// Beats every fifteen seconds until it is stopped.
final class Heartbeat: Sendable {
    private let queue = DispatchQueue(label: "reprise.heartbeat", qos: .utility)
    private let isStopped = Atomic<Bool>(false)
    private let beat: @Sendable () -> Void

    init(_ beat: @escaping @Sendable () -> Void) {
        self.beat = beat
        scheduleNext()
    }

    func stop() { isStopped.store(true, ordering: .relaxed) }

    private func scheduleNext() {
        queue.asyncAfter(deadline: .now() + .seconds(15)) { [weak self] in
            guard let self, !isStopped.load(ordering: .relaxed) else { return }
            beat()
            scheduleNext()
        }
    }
}
