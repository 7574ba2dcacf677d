import DurableModel

// Attempts that wait for long leave memory; attempts that do nothing at all are reported.
extension Engine {
    /// Ends the live attempt of an invocation that waits: it is replayed when what it waits for is there.
    mutating func suspend(_ invocation: Resident) {
        guard let id = invocation.attemptID, let parked = invocation.attempt?.parked else { return }
        turn.internalEffects.append(.end(id))
        dropAttempt(of: invocation)
        touch(invocation)
        invocation.progress.status = .suspended
        invocation.progress.waiting = parked.waiting
        settle(invocation)
    }

    /// Those whose attempt may end now, the longest waiting first.
    private func suspendable(parkedBefore limitMs: Int64) -> [Resident] {
        live.values
            .filter { invocation in
                guard let attempt = invocation.attempt, let parked = attempt.parked else { return false }
                return parked.sinceMs <= limitMs && invocation.runsInFlight.isEmpty && !attempt.mayBeDeadlocked
            }
            .sorted { a, b in
                (a.attempt?.parked?.sinceMs ?? 0, a.serial) < (b.attempt?.parked?.sinceMs ?? 0, b.serial)
            }
    }

    mutating func suspendTheIdle() {
        crowdedAt = limits.liveAttemptsMax
        guard parkedAttempts > 0 else { return }
        let idle = suspendable(parkedBefore: clockMs - limits.inactivityMs)
        for invocation in idle.prefix(limits.sliceMax) { suspend(invocation) }
    }

    /// There are too many live attempts: a tenth of them goes, so that the search is not made for each new one. If
    /// all are at work it is not repeated before there are more.
    mutating func makeRoom() {
        guard live.count >= crowdedAt else { return }
        let surplus = max(1, limits.liveAttemptsMax / 10)
        let leaving = parkedAttempts > 0 ? suspendable(parkedBefore: clockMs).prefix(surplus) : []
        for invocation in leaving { suspend(invocation) }
        crowdedAt = leaving.isEmpty ? live.count + surplus : limits.liveAttemptsMax
    }

    /// The server stops in order: what waits need not be replayed at the start.
    mutating func stop() {
        for invocation in suspendable(parkedBefore: clockMs) { suspend(invocation) }
        turn.mutations.append(.putMeta(.isOpen, 0))
    }

    mutating func reportTheStuck() {
        stuckAttempts = 0
        guard live.count > parkedAttempts, !isBacklogged else { return }
        let stuck = live.values
            .filter { $0.attempt?.parked == nil && $0.attempt?.activeMs ?? .max <= clockMs - limits.stuckAfterMs }
            .sorted { $0.serial < $1.serial }
        stuckAttempts = stuck.count
        for invocation in stuck where invocation.attempt?.isReportedAsStuck == false {
            invocation.attempt?.isReportedAsStuck = true
            let idleMs = clockMs - (invocation.attempt?.activeMs ?? clockMs)
            turn.events.append(.stuck(invocation.id, invocation.acceptance.target, forMs: idleMs))
        }
    }
}
