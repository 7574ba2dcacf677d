package import DurableModel

/// Nothing that waits for a time goes on before it, and nothing waits for ever.
package struct Timers: Checker {
    package static let promise = "timers are never early and never lost"

    private var steered: Set<InvocationID> = []
    /// Those that have been asked to end: whatever they wait for, they go on now.
    private var cancelled: Set<InvocationSerial> = []
    private var overdue: (timer: TimerID, sweeps: Int)?
    /// The runtime looks at its timers every second; a load or a slice may take some looks.
    private static let patience = 60

    package init() {}

    package mutating func before(_ event: TraceEvent, _ history: History, _ complain: (String) -> Void) {
        switch event {
        case .decided(let step):
            if case .command(.steer(let id, _), _, _) = step.input { steered.insert(id) }
            if case .sweep = step.input { lookForOverdue(history, complain) }
            for case .updateInvocation(let serial, let progress) in step.turn.mutations {
                let before = history.truth.invocations[serial]?.progress.cancelRanks.count ?? 0
                if progress.cancelRanks.count > before { cancelled.insert(serial) }
            }
        case .booted(_, let disk):
            overdue = nil
            checkStored(disk, complain)
        default: break
        }
    }

    package mutating func before(
        _ mutation: Mutation, of step: Decided, _ history: History, _ complain: (String) -> Void
    ) {
        switch mutation {
        case .updateEntry(let serial, let index, let entry):
            guard let old = history.truth.journal[serial]?[index] else { return }
            let name = "entry \(index) of \(serial.rawValue)"
            checkEntry(old, entry, name, isSteered(serial, history), history, complain)
        case .updateInvocation(let serial, let progress):
            guard let old = history.truth.invocations[serial], !isSteered(serial, history) else { return }
            checkStart(old, progress, serial, history, complain)
        case .putTimer(let timer, let dueMs): checkArming(timer, dueMs, history, complain)
        default: break
        }
    }

    private func isSteered(_ serial: InvocationSerial, _ history: History) -> Bool {
        guard let record = history.truth.invocations[serial] else { return true }
        return cancelled.contains(serial) || steered.contains(record.acceptance.id)
    }

    private func checkEntry(
        _ old: JournalEntry, _ new: JournalEntry, _ name: String, _ isSteered: Bool, _ history: History,
        _ complain: (String) -> Void
    ) {
        if case .due(let dueMs) = old.detail {
            if new.detail != old.detail { complain("\(name) sleeps until \(dueMs), and now \(new.detail)") }
            if new.completion == .elapsed, history.clockMs < dueMs {
                complain("\(name) wakes \(dueMs - history.clockMs) ms early")
            }
        }
        if case .run(let before) = old.detail, case .run(let after) = new.detail, let nextMs = before.nextAttemptMs,
            after.nextAttemptMs == nil, new.completion == nil, history.clockMs < nextMs, !isSteered
        {
            complain("\(name) is retried \(nextMs - history.clockMs) ms early")
        }
    }

    private func checkStart(
        _ old: InvocationRecord, _ new: Progress, _ serial: InvocationSerial, _ history: History,
        _ complain: (String) -> Void
    ) {
        let dueMs: Int64? =
            switch old.progress.status {
            case .scheduled where new.status != .scheduled: old.acceptance.scheduledForMs
            case .backingOff where new.status == .running: old.progress.nextAttemptMs
            default: nil
            }
        if let dueMs, history.clockMs < dueMs {
            complain("\(serial.rawValue) goes on \(dueMs - history.clockMs) ms early")
        }
    }

    private func checkArming(
        _ timer: TimerID, _ dueMs: Int64, _ history: History, _ complain: (String) -> Void
    ) {
        guard let armedMs = history.truth.timers[timer], armedMs != dueMs else { return }
        switch timer.slot {
        case .start, .entry:
            complain("the timer of \(timer.serial.rawValue) for \(armedMs) is armed again for \(dueMs)")
        case .retry, .cancel, .kill: break
        }
    }

    private mutating func lookForOverdue(_ history: History, _ complain: (String) -> Void) {
        let due = history.truth.timers.filter { $0.value <= history.clockMs }
        guard let first = due.min(by: { ($0.value, $0.key.serial) < ($1.value, $1.key.serial) }) else {
            return overdue = nil
        }
        let sweeps = overdue?.timer == first.key ? (overdue?.sweeps ?? 0) + 1 : 1
        overdue = (first.key, sweeps)
        if sweeps == Self.patience {
            complain("the timer of \(first.key.serial.rawValue) is \(history.clockMs - first.value) ms overdue")
        }
    }

    /// Whatever waits for a time has a timer on disk.
    private func checkStored(_ disk: DiskImage, _ complain: (String) -> Void) {
        for (serial, record) in disk.invocations where record.progress.status != .completed {
            if record.progress.status == .scheduled {
                require(TimerID(serial: serial, slot: .start), record.acceptance.scheduledForMs, disk, complain)
            }
            if record.progress.status == .backingOff {
                require(TimerID(serial: serial, slot: .retry), record.progress.nextAttemptMs, disk, complain)
            }
            for (index, entry) in disk.journal[serial] ?? [:] where entry.completion == nil {
                guard case .due(let dueMs) = entry.detail else { continue }
                require(TimerID(serial: serial, slot: .entry(index)), dueMs, disk, complain)
            }
        }
    }

    private func require(_ timer: TimerID, _ dueMs: Int64?, _ disk: DiskImage, _ complain: (String) -> Void) {
        guard disk.timers[timer] != dueMs else { return }
        complain("\(timer.serial.rawValue) waits for a time and has no timer on disk")
    }
}
