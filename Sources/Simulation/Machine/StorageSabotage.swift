import DurableModel
package import EngineCore

/// What a disk twin with a planted defect answers; without one, the truth.
package final class StorageSabotage {
    private let limits: EngineLimits
    private var diskBefore = DiskImage()

    package init(_ limits: EngineLimits = EngineLimits()) { self.limits = limits }

    /// A commit is about to change the disk.
    func remember(_ disk: DiskImage) {
        if limits.plants(.staleLoad) { diskBefore = disk }
    }

    func recovered(_ state: RecoveredState, _ disk: DiskImage) -> RecoveredState {
        var state = state
        if limits.plants(.serialReuse), let ceiling = state.meta[.serialCeiling] {
            state.meta[.serialCeiling] = ceiling - 100_000
        }
        if limits.plants(.rearmedTimer) {
            for index in state.timers.indices { state.timers[index].dueMs += sleptMs(state.timers[index].id, disk) }
        }
        if limits.plants(.twoOwners) {
            for index in state.live.indices where state.live[index].status == .backingOff {
                state.live[index].lane = nil
            }
        }
        return state
    }

    private func sleptMs(_ timer: TimerID, _ disk: DiskImage) -> Int64 {
        guard case .entry(let index) = timer.slot,
            case .sleep(let durationMs) = disk.journal[timer.serial]?[index]?.command
        else { return 0 }
        return durationMs
    }

    func loaded(_ key: LoadKey, _ disk: DiskImage) -> LoadedValue {
        if limits.plants(.staleLoad), case .object = key { return diskBefore.load(key) }
        if limits.plants(.retentionForgetsPromise), case .oldestUnpromised(let limit) = key {
            return disk.load(.expired(beforeMs: .max, limit: limit))
        }
        guard case .invocation(var loaded?) = disk.load(key) else { return disk.load(key) }
        if limits.plants(.shorterJournal), loaded.journal.count > 1 { loaded.journal.removeLast() }
        for index in loaded.journal.indices { spoil(&loaded.journal[index]) }
        return .invocation(loaded)
    }

    private func spoil(_ entry: inout JournalEntry) {
        if limits.plants(.resetRetryCounter), case .run(var run) = entry.detail {
            run.failedAttempts = 0
            entry.detail = .run(run)
        }
        if limits.plants(.rearmedTimer), case .due(let dueMs) = entry.detail,
            case .sleep(let durationMs) = entry.command
        {
            entry.detail = .due(dueMs + durationMs)
        }
    }
}
