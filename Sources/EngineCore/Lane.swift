import Collections
import DurableModel

/// The line of exclusive invocations of one object: an owner that keeps it until it completes, and those behind.
///
/// A class, because each call asks for its lane several times.
final class Lane {
    private(set) var owner: InvocationSerial?
    private(set) var waiting: Deque<InvocationSerial> = []

    /// Makes `serial` the owner if there is none, else queues it; true if it owns the lane now.
    func enter(_ serial: InvocationSerial) -> Bool {
        guard owner != nil else {
            owner = serial
            return true
        }
        waiting.append(serial)
        return false
    }

    /// The owner leaves; returns the next one, which owns the lane from now on.
    func release() -> InvocationSerial? {
        owner = waiting.popFirst()
        return owner
    }

    /// One of those who wait gives up its place.
    func leave(_ serial: InvocationSerial) {
        if let place = waiting.firstIndex(of: serial) { waiting.remove(at: place) }
    }

    var isIdle: Bool { owner == nil }
}
