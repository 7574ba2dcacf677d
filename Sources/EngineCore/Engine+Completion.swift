import DurableModel

// How attempts and invocations end.
extension Engine {
    mutating func endAttempt(_ id: AttemptID, _ result: AttemptResult) throws(Wait) {
        guard let invocation = invocations[id.serial], invocation.attemptID == id else { return }
        // To end is a command like any other: what the journal has beyond it, an earlier attempt has done.
        if let attempt = invocation.attempt, attempt.cursor < invocation.journal.count, let end = result.summary {
            return pauseOnMismatch(at: attempt.cursor, of: invocation, handlerDid: end)
        }
        switch result {
        case .returned(let output): try finish(invocation, .success(output))
        case .terminal(let failure): try finish(invocation, .failure(failure))
        case .failed(let reason): fail(invocation, reason)
        case .impossible(let reason): pause(invocation, reason: reason)
        case .unwound: fail(invocation, "the handler gave up although its attempt had not ended")
        }
    }

    /// The invocation has its outcome: whoever waits hears of it, the lane moves on, the journal is put away.
    mutating func finish(_ invocation: Resident, _ outcome: Outcome) throws(Wait) {
        let parents = try waitingParents(of: invocation)
        dropAttempt(of: invocation)
        touch(invocation)
        if invocation.progress.status == .paused { pausedInvocations -= 1 }
        if invocation.progress.status == .backingOff { disarm(TimerID(serial: invocation.serial, slot: .retry)) }
        invocation.progress.status = .completed
        invocation.progress.outcome = outcome
        invocation.progress.completedAtMs = clockMs
        invocation.progress.expiresAtMs = clockMs.after(retentionMs(of: invocation))
        invocation.progress.nextAttemptMs = nil
        invocation.progress.followers = []
        invocation.progress.waiting = nil
        if invocation.acceptance.isPromised { retainedPromised += 1 } else { retainedUnpromised += 1 }
        disarmTimers(of: invocation)
        putAwayJournal(of: invocation)
        answerCallers(of: invocation, .result(invocation.id, outcome, expiresAtMs: nil))
        for parent in parents { complete(parent.index, of: parent.invocation, with: .outcome(outcome)) }
        releaseLane(of: invocation)
        settle(invocation)
    }

    mutating func answerCallers(of invocation: Resident, _ reply: ClientReply) {
        guard let waiting = callers.removeValue(forKey: invocation.serial) else { return }
        answer(waiting.first, reply)
        for caller in waiting.others { answer(caller, reply) }
    }

    func waitingParents(of invocation: Resident) throws(Wait) -> [(invocation: Resident, index: Int)] {
        guard invocation.acceptance.parent != nil || !invocation.progress.followers.isEmpty else { return [] }
        var parents: [(invocation: Resident, index: Int)] = []
        let links = [invocation.acceptance.parent].compactMap { $0 } + invocation.progress.followers
        for link in links {
            guard let parent = try find(link.serial), !parent.isCompleted,
                parent.journal.indices.contains(link.entry), parent.journal[link.entry].completion == nil
            else { continue }
            parents.append((parent, link.entry))
        }
        return parents
    }

    private func retentionMs(of invocation: Resident) -> Int64 {
        guard let handler = invocation.handler else { return 86_400_000 }
        return invocation.acceptance.isPromised ? handler.promisedRetentionMs : handler.journalRetentionMs
    }

    private mutating func disarmTimers(of invocation: Resident) {
        for (index, entry) in invocation.journal.enumerated() where entry.completion == nil {
            switch entry.detail {
            case .due: disarm(TimerID(serial: invocation.serial, slot: .entry(index)))
            case .run(let run) where run.nextAttemptMs != nil:
                disarm(TimerID(serial: invocation.serial, slot: .entry(index)))
            default: break
            }
        }
    }

    /// A small journal moves into the row of its invocation; a long one keeps its rows until the purge.
    private mutating func putAwayJournal(of invocation: Resident) {
        invocation.progress.journalLength = invocation.journal.count
        guard invocation.journal.count <= limits.packedJournalEntriesMax else { return }
        for index in invocation.journal.indices { turn.mutations.append(.deleteEntry(invocation.serial, index)) }
        invocation.progress.packedJournal = invocation.journal
        invocation.journal = []
    }

    private mutating func fail(_ invocation: Resident, _ reason: String) {
        let policy = invocation.handler?.retry ?? .invocationDefault
        let firstFailureMs = invocation.progress.firstFailureMs ?? clockMs
        invocation.progress.failedAttempts += 1
        invocation.progress.firstFailureMs = firstFailureMs
        invocation.progress.lastFailure = reason
        let failures = invocation.progress.failedAttempts
        let nextMs = policy.nextAttemptMs(
            failures: failures, firstFailureMs: firstFailureMs, nowMs: clockMs,
            jitter: mixed(invocation.acceptance.seed, UInt64(failures)))
        guard let nextMs else {
            return pause(invocation, reason: "attempt \(failures) of \(failures) failed: \(reason)")
        }
        dropAttempt(of: invocation)
        touch(invocation)
        invocation.progress.status = .backingOff
        invocation.progress.nextAttemptMs = nextMs
        arm(TimerID(serial: invocation.serial, slot: .retry), dueMs: nextMs)
        turn.events.append(.attemptFailed(invocation.id, reason: reason, retryInMs: nextMs - clockMs))
        settle(invocation)
    }

    /// Nothing goes on here until a person says so; the lane stays taken.
    mutating func pause(_ invocation: Resident, reason: String) {
        if let id = invocation.attemptID { turn.internalEffects.append(.end(id)) }
        dropAttempt(of: invocation)
        touch(invocation)
        // The closure of a `run` can be exhausted when the invocation is paused already, or backs off.
        if invocation.progress.status == .backingOff { disarm(TimerID(serial: invocation.serial, slot: .retry)) }
        if invocation.progress.status != .paused { pausedInvocations += 1 }
        invocation.progress.status = .paused
        invocation.progress.waiting = nil
        invocation.progress.nextAttemptMs = nil
        invocation.progress.lastFailure = reason
        turn.events.append(.paused(invocation.id, reason: reason))
        endProbation(of: invocation.serial)
        settle(invocation)
    }

    /// The engine forgets the live attempt; what it still tries is stale.
    mutating func dropAttempt(of invocation: Resident) {
        guard let attempt = invocation.attempt else { return }
        if attempt.parked != nil { parkedAttempts -= 1 }
        if !attempt.registeredRuns.isEmpty { turn.internalEffects.append(.forgetRuns(invocation.serial)) }
        invocation.attempt = nil
        live[invocation.serial] = nil
        comesToRest(invocation)
    }
}
