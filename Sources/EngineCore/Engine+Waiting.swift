import DurableModel

// What handlers wait for, and how they hear of it.
extension Engine {
    mutating func wait(for waiting: Waiting, wantsOutcome: Bool, _ invocation: Resident) {
        let missing = waiting.entries.first { !invocation.journal.indices.contains($0) }
        if let missing {
            return pause(invocation, reason: "the handler waits for journal entry \(missing), which does not exist")
        }
        if waiting.entries.isEmpty, waiting.condition == .first || waiting.condition == .firstSuccess {
            return pause(invocation, reason: "the handler waits for the first of nothing")
        }
        let verdict = invocation.verdict(on: waiting)
        if let cancelRank = invocation.unheardCancelRank, cancelRank < verdict?.rank ?? .max {
            return deliverCancel(to: invocation)
        }
        if let verdict {
            return resume(invocation, with: reply(to: invocation, verdict.entry, wantsOutcome: wantsOutcome))
        }
        park(invocation, waiting, wantsOutcome: wantsOutcome)
    }

    private mutating func park(_ invocation: Resident, _ waiting: Waiting, wantsOutcome: Bool) {
        let open = waiting.entries.filter { invocation.journal[$0].completion == nil }
        invocation.attempt?.parked = Resident.Parked(
            waiting: waiting, open: Set(open), wantsOutcome: wantsOutcome, sinceMs: clockMs)
        parkedAttempts += 1
        // Waiting for its own closure is no rest when the process has trapped: that closure may have done it. A process
        // that was killed from outside says nothing against a closure that happened to be under way.
        let mayBeCulprit = endedByTrap && open.contains { invocation.journal[$0].command.isRun }
        if !mayBeCulprit, !invocation.isReplaying { comesToRest(invocation) }
        if mayCloseCycle(invocation, open) {
            invocation.attempt?.mayBeDeadlocked = true
            followUps.append(.lookForDeadlock(invocation.serial))
        }
        if sleepsLong(invocation, open) { suspend(invocation) }
    }

    /// Nothing but time is waited for, and more of it than an attempt may idle away: it would leave memory anyway.
    private func sleepsLong(_ invocation: Resident, _ open: [Int]) -> Bool {
        invocation.runsInFlight.isEmpty
            && open.allSatisfy {
                guard case .due(let dueMs) = invocation.journal[$0].detail else { return false }
                return dueMs - clockMs > limits.inactivityMs
            }
    }

    private func reply(to invocation: Resident, _ entry: Int?, wantsOutcome: Bool) -> OperationReply {
        guard wantsOutcome, let entry, let completion = invocation.journal[entry].completion else {
            return .settled(entry: entry)
        }
        return reply(for: completion)
    }

    /// Completes one entry; whoever waits for it goes on.
    ///
    /// - Parameter durableRank: The rank with which the completion is on disk already; nil: it is not.
    mutating func complete(
        _ index: Int, of invocation: Resident, with completion: Completion, durableRank: Int? = nil
    ) {
        invocation.lastRank = max(invocation.lastRank + 1, durableRank ?? 0)
        invocation.journal[index].completion = completion
        invocation.journal[index].completionRank = invocation.lastRank
        if durableRank == nil { update(index, of: invocation) }
        if invocation.attempt?.parked?.open.remove(index) != nil {
            notice(index, invocation)
        } else if invocation.attempt == nil {
            if invocation.progress.status == .suspended, invocation.isReadyToWake {
                start(invocation)
            } else {
                settle(invocation)
            }
        }
    }

    /// One of the entries that a parked attempt waits for has ended.
    private mutating func notice(_ index: Int, _ invocation: Resident) {
        guard let parked = invocation.attempt?.parked else { return }
        let hasFailed = invocation.journal[index].hasFailed
        let isDecided: Bool =
            switch parked.waiting.condition {
            case .first: true
            case .all: hasFailed || parked.open.isEmpty
            case .firstSuccess: !hasFailed || parked.open.isEmpty
            case .allSettled: parked.open.isEmpty
            }
        guard isDecided else { return }
        resume(invocation, with: reply(to: invocation, index, wantsOutcome: parked.wantsOutcome))
    }

    mutating func resume(_ invocation: Resident, with reply: OperationReply) {
        guard let attempt = invocation.attempt else { return }
        if attempt.parked != nil {
            parkedAttempts -= 1
            attempt.parked = nil
        }
        attempt.activeMs = clockMs
        turn.internalEffects.append(.resume(AttemptID(serial: invocation.serial, epoch: attempt.epoch), reply))
    }

    /// The wait of the handler throws, and what it has called is cancelled too; from then on waits work again.
    mutating func deliverCancel(to invocation: Resident) {
        invocation.attempt?.cancelsSeen += 1
        let seen = invocation.attempt?.cancelsSeen ?? 0
        if seen > invocation.progress.cancelsDelivered {
            invocation.progress.cancelsDelivered = seen
            touch(invocation)
            for entry in invocation.journal where entry.completion == nil {
                guard case .call = entry.command, case .child(let serial, _) = entry.detail else { continue }
                followUps.append(.cancel(serial))
            }
        }
        resume(invocation, with: .outcome(.failure(.cancelled)))
    }
}

extension TerminalFailure {
    static let cancelled = TerminalFailure(code: 409, message: "Cancelled")
}

extension Resident {
    /// The entry that decides, and the rank of the result that decided it; nil while the condition does not hold. It is
    /// the same whenever one asks: later results have higher ranks.
    func verdict(on waiting: Waiting) -> (entry: Int?, rank: Int)? {
        var firstDecisive: (entry: Int, rank: Int)?
        var last: (entry: Int, rank: Int)?
        var isOpen = false
        for index in waiting.entries {
            let entry = journal[index]
            guard entry.completion != nil else {
                isOpen = true
                continue
            }
            let rank = entry.completionRank
            if last == nil || (rank, index) > (last?.rank ?? 0, last?.entry ?? 0) { last = (index, rank) }
            let isDecisive: Bool =
                switch waiting.condition {
                case .first: true
                case .all: entry.hasFailed
                case .firstSuccess: !entry.hasFailed
                case .allSettled: false
                }
            guard isDecisive else { continue }
            if firstDecisive == nil || (rank, index) < (firstDecisive?.rank ?? 0, firstDecisive?.entry ?? 0) {
                firstDecisive = (index, rank)
            }
        }
        if let firstDecisive { return (firstDecisive.entry, firstDecisive.rank) }
        if isOpen { return nil }
        return (last?.entry, last?.rank ?? 0)
    }

    /// A request to cancel that the live attempt has not heard of.
    var unheardCancelRank: Int? {
        guard let attempt, attempt.cancelsSeen < progress.cancelRanks.count else { return nil }
        return progress.cancelRanks[attempt.cancelsSeen]
    }

    /// Whether a suspended invocation has what it waits for.
    var isReadyToWake: Bool {
        // What it waits for is not in the journal that was read: its replay will say so, and pause it.
        guard let waiting = progress.waiting, waiting.entries.allSatisfy(journal.indices.contains) else { return true }
        return verdict(on: waiting) != nil
    }
}

extension JournalEntry {
    var hasFailed: Bool {
        if case .outcome(.failure) = completion { true } else { false }
    }
}

extension Command {
    var isRun: Bool {
        if case .run = self { true } else { false }
    }

    /// Executed outside of the engine, and again when it fails.
    var isStep: Bool { step != nil }

    var step: (name: String, policy: RetryPolicy?)? {
        switch self {
        case .run(let name, let policy), .transaction(let name, let policy): (name, policy)
        default: nil
        }
    }
}
