import DurableModel

extension Engine {
    mutating func fireDueTimers() {
        for _ in 0..<limits.sliceMax {
            guard let timer = timers.popDue(at: clockMs) else { return }
            followUps.append(.timer(timer.id, dueMs: timer.dueMs))
        }
    }

    /// A timer is due. It may have been cancelled or re-armed since: the invocation knows.
    mutating func fire(_ id: TimerID, dueMs: Int64) throws(Wait) {
        guard let invocation = try find(id.serial) else { return }
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
