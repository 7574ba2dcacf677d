import DurableModel

/// Whether the rows of one invocation agree with each other.
struct InvocationCheck {
    let serial: InvocationSerial
    let record: InvocationRecord
    /// The stored rows by index; nil for one that is missing or does not decode.
    let journal: [JournalEntry?]
    let report: (String) -> Void

    private var progress: Progress { record.progress }

    func runAll(timers: [TimerSlot: Int64]) {
        if progress.status == .completed { checkCompleted() } else { checkLive() }
        checkTimers(timers)
    }

    private func checkCompleted() {
        if progress.outcome == nil { report("is completed without an outcome") }
        if progress.completedAtMs == nil { report("is completed without a time of completion") }
        if progress.expiresAtMs == nil { report("is completed and never expires") }
        if let packed = progress.packedJournal {
            if !journal.isEmpty { report("has \(journal.count) journal rows although its journal is packed") }
            requireLength(packed.count)
        } else {
            requireLength(journal.count)
        }
    }

    private func requireLength(_ count: Int) {
        guard count != progress.journalLength else { return }
        report("has \(count) journal entries instead of \(progress.journalLength)")
    }

    private func checkLive() {
        if progress.outcome != nil { report("has an outcome but is \(progress.status.rawValue)") }
        if progress.packedJournal != nil { report("has a packed journal but is \(progress.status.rawValue)") }
        guard record.acceptance.kind == .exclusive else {
            if progress.status == .pending { report("is pending without a lane") }
            return
        }
        if record.acceptance.target.key == nil { report("is exclusive without a key") }
        if progress.laneOrder == nil, progress.status != .scheduled {
            report("is \(progress.status.rawValue) without a place in its lane")
        }
    }

    /// Without its timer it sleeps for ever; a timer that nothing waits for is a sign that something was lost.
    private func checkTimers(_ stored: [TimerSlot: Int64]) {
        let needed = neededTimers
        for slot in Set(needed.keys).union(stored.keys).sorted(by: { $0.stored < $1.stored }) {
            switch (needed[slot], stored[slot]) {
            case (let due?, let found?) where due != found: report("\(slot.text) is due at \(found) instead of \(due)")
            case (let due?, nil): report("\(slot.text), due at \(due), is missing")
            case (nil, .some) where slot.isSteering || isEntryUnknown(slot): break
            case (nil, let found?): report("\(slot.text), due at \(found), is for nothing")
            default: break
            }
        }
    }

    private var neededTimers: [TimerSlot: Int64] {
        var needed: [TimerSlot: Int64] = [:]
        switch progress.status {
        case .completed: return [:]
        case .scheduled: needed[.start] = record.acceptance.scheduledForMs
        case .backingOff: needed[.retry] = progress.nextAttemptMs
        default: break
        }
        for (index, entry) in journal.enumerated() {
            guard let entry, entry.completion == nil else { continue }
            switch entry.detail {
            case .due(let dueMs): needed[.entry(index)] = dueMs
            case .run(let run): needed[.entry(index)] = run.nextAttemptMs
            default: break
            }
        }
        return needed
    }

    /// A damaged entry has been named already, and nobody knows whether it waits.
    private func isEntryUnknown(_ slot: TimerSlot) -> Bool {
        guard case .entry(let index) = slot, journal.indices.contains(index) else { return false }
        return journal[index] == nil
    }
}

extension TimerSlot {
    /// Whoever wrote it did not look at the invocation.
    fileprivate var isSteering: Bool { self == .cancel || self == .kill }

    fileprivate var text: String {
        switch self {
        case .cancel: "the timer of its cancellation"
        case .kill: "the timer of its end"
        case .start: "the timer of its start"
        case .retry: "the timer of its next attempt"
        case .entry(let index): "the timer of entry \(index)"
        }
    }
}
