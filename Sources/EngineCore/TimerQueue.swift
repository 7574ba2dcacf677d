import Collections
import DurableModel

/// Due times in memory. A timer that was cancelled or re-armed stays in here: whoever takes it out asks the
/// invocation whether it still means anything.
struct TimerQueue {
    private var heap = Heap<Timer>()

    struct Timer: Comparable {
        let dueMs: Int64
        let id: TimerID

        static func < (a: Self, b: Self) -> Bool {
            (a.dueMs, a.id.serial.rawValue, a.id.slot.order) < (b.dueMs, b.id.serial.rawValue, b.id.slot.order)
        }
    }

    init() {}

    init(_ timers: [RecoveredTimer]) {
        heap = Heap(timers.map { Timer(dueMs: $0.dueMs, id: $0.id) })
    }

    var next: Timer? { heap.min }
    var count: Int { heap.count }

    mutating func add(_ id: TimerID, dueMs: Int64) { heap.insert(Timer(dueMs: dueMs, id: id)) }

    mutating func popNext() -> Timer? { heap.popMin() }
}

extension TimerSlot {
    var order: Int {
        switch self {
        case .kill: -4
        case .cancel: -3
        case .start: -2
        case .retry: -1
        case .entry(let index): index
        }
    }
}
