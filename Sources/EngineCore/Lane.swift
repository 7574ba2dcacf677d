import Collections
import DurableModel

/// The line of exclusive invocations of one object: an owner that keeps it until it completes, and those behind.
struct Lane {
    private(set) var owner: InvocationSerial?
    private(set) var waiting: Deque<InvocationSerial> = []

    /// Makes `serial` the owner if there is none, else queues it; true if it owns the lane now.
    mutating func enter(_ serial: InvocationSerial) -> Bool {
        guard owner != nil else {
            owner = serial
            return true
        }
        waiting.append(serial)
        return false
    }

    /// The owner leaves; returns the next one, which owns the lane from now on.
    mutating func release() -> InvocationSerial? {
        owner = waiting.popFirst()
        return owner
    }

    /// One of those who wait gives up its place.
    mutating func leave(_ serial: InvocationSerial) {
        if let place = waiting.firstIndex(of: serial) { waiting.remove(at: place) }
    }

    var isIdle: Bool { owner == nil }
}
