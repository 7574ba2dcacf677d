import DurableModel

extension Engine {
    mutating func fireDueTimers() {
        var waking = 0
        for _ in 0..<limits.sliceMax {
            guard let next = timers.next, next.dueMs <= clockMs, mayFire(next, waking: waking) else { return }
            _ = timers.popNext()
            if invocations[next.id.serial] == nil { waking += 1 }
            followUps.append(.timer(next.id, dueMs: next.dueMs))
        }
    }

    /// Of a million that sleep until the same moment only so many are brought back at a time as the engine can take
    /// on: whoever wakes needs memory, and the disk before it can go on.
    func mayFire(_ timer: TimerQueue.Timer, waking: Int) -> Bool {
        invocations[timer.id.serial] != nil
            || !isBacklogged && loading.count + waking < limits.wakingMax && live.count < 2 * limits.liveAttemptsMax
    }

    /// A timer is due. It may have been cancelled or re-armed since: the invocation knows.
    mutating func fire(_ id: TimerID, dueMs: Int64) throws(Wait) {
        let found = try find(id.serial)
        if let steering = id.slot.steering {
            if let found { try pass(steering, to: found) }
            return disarm(id)
        }
        guard let invocation = found else { return }
        switch id.slot {
        case .start:
            guard invocation.progress.status == .scheduled else { return }
            disarm(id)
            begin(invocation)
            // Those who wait for it could not be told before that it queues behind them.
            for link in invocation.progress.followers { followUps.append(.lookForDeadlock(link.serial)) }
        case .retry:
            guard invocation.progress.status == .backingOff, invocation.progress.nextAttemptMs == dueMs else { return }
            disarm(id)
            start(invocation)
        case .entry(let index):
            fire(index, of: invocation, id, dueMs: dueMs)
        case .cancel, .kill: break
        }
    }

    private mutating func fire(_ index: Int, of invocation: Resident, _ id: TimerID, dueMs: Int64) {
        guard !invocation.isCompleted, invocation.journal.indices.contains(index),
            invocation.journal[index].completion == nil
        else { return }
        switch invocation.journal[index].detail {
        case .due(dueMs):
            disarm(id)
            complete(index, of: invocation, with: .elapsed)
        case .run(var run) where run.nextAttemptMs == dueMs:
            disarm(id)
            run.nextAttemptMs = nil
            invocation.journal[index].detail = .run(run)
            update(index, of: invocation)
            if invocation.attempt == nil, invocation.progress.status == .suspended {
                start(invocation)
            } else {
                startRun(index, of: invocation)
            }
        default:
            break
        }
    }
}
