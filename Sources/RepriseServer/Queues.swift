import Dispatch
import Runtime

/// A serial Dispatch queue as a place to run work.
struct DispatchWorkQueue: WorkQueue {
    private let queue: DispatchQueue

    init(label: String) { queue = DispatchQueue(label: label, qos: .userInitiated) }

    func submit(_ work: @escaping @Sendable () -> Void) { queue.async(execute: work) }
}
