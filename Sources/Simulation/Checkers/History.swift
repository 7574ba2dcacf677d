import DurableModel
package import EngineCore

/// What a trace says up to some point: everything that was decided, and what of it is on disk.
package struct History {
    /// What was decided, durable or not.
    package private(set) var truth = DiskImage()
    package private(set) var durable = DiskImage()
    /// The engine's time: the wall clock's, but never going back; from disk after a crash.
    package private(set) var clockMs: Int64 = 0
    /// Counts processes from 1.
    package private(set) var process = 0
    /// Turns that are not on disk, oldest first.
    package private(set) var pending: [Turn] = []
    package private(set) var limits: EngineLimits
    /// The last turn of the commit under way.
    package private(set) var committing: Int64 = 0
    /// Everything up to this turn of this process is on disk.
    package private(set) var durableTurn: Int64 = 0
    package private(set) var isCalm = false

    package init(limits: EngineLimits) { self.limits = limits }

    mutating func begin(_ event: TraceEvent) {
        switch event {
        case .booted: process += 1
        case .decided(let step): clockMs = max(clockMs, step.wallMs)
        default: break
        }
    }

    mutating func apply(_ mutation: Mutation) { truth.apply(mutation) }

    mutating func end(_ event: TraceEvent) {
        switch event {
        case .decided(let step):
            if !step.turn.mutations.isEmpty { pending.append(step.turn) }
        case .commitBegan(let turn): committing = turn
        case .committed: commit()
        case .transacted(let step):
            truth.apply(step)
            durable.apply(step)
        case .crashed, .stopped:
            truth = durable
            pending = []
            durableTurn = 0
            committing = 0
            clockMs = durable.meta[.clockMs] ?? 0
        case .calm: isCalm = true
        default: break
        }
    }

    private mutating func commit() {
        durableTurn = committing
        let count = pending.firstIndex { $0.number > committing } ?? pending.count
        for turn in pending[..<count] {
            for mutation in turn.mutations { durable.apply(mutation) }
        }
        pending.removeFirst(count)
    }
}
