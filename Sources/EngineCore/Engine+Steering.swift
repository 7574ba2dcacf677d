import DurableModel

// What people, and handlers, do to invocations.
extension Engine {
    /// Because of what happened to another invocation. What has to wait for a load must not be lost if the process dies
    /// meanwhile: it goes to disk with what caused it, as a timer that is due.
    mutating func pass(_ steering: PassedSteering, to serial: InvocationSerial) {
        do throws(Wait) {
            if let invocation = try find(serial) { try pass(steering, to: invocation) }
        } catch {
            if plants(.unheardCallee) { return }
            arm(TimerID(serial: serial, slot: steering.slot), dueMs: clockMs)
        }
    }

    mutating func pass(_ steering: PassedSteering, to invocation: Resident) throws(Wait) {
        switch steering {
        case .cancel: _ = try cancel(invocation)
        case .kill: _ = try kill(invocation)
        }
    }

    mutating func steer(
        _ invocation: Resident, _ steering: Steering, entropy: Entropy
    ) throws(Wait) -> SteeringResult {
        switch steering {
        case .cancel: try cancel(invocation)
        case .kill: try kill(invocation)
        case .pause: pause(invocation)
        case .resume: resume(invocation)
        case .purge: try purgeNow(invocation)
        case .purgeJournal: purgeJournal(of: invocation)
        case .restartAsNew(let keptEntries): restart(invocation, keptEntries, entropy)
        }
    }

    // MARK: Ending

    private mutating func cancel(_ invocation: Resident) throws(Wait) -> SteeringResult {
        switch invocation.progress.status {
        case .completed: return .conflict("the invocation has completed")
        case .scheduled, .pending:
            try withdraw(invocation, TerminalFailure(code: 409, message: "canceled"))
            return .done
        case .running, .backingOff, .suspended, .paused:
            // A handler that is cancelled and has not heard of it is not cancelled twice: its compensations would be.
            guard invocation.progress.cancelRanks.count == invocation.progress.cancelsDelivered else {
                return .requested
            }
            invocation.lastRank += 1
            invocation.progress.cancelRanks.append(invocation.lastRank)
            touch(invocation)
            if invocation.attempt?.parked != nil {
                deliverCancel(to: invocation)
            } else if invocation.attempt == nil, invocation.progress.status != .running {
                goOn(invocation)
            }
            return .requested
        }
    }

    private mutating func kill(_ invocation: Resident) throws(Wait) -> SteeringResult {
        let killed = TerminalFailure(code: 409, message: "killed")
        switch invocation.progress.status {
        case .completed: return .conflict("the invocation has completed")
        case .scheduled, .pending: try withdraw(invocation, killed)
        case .running, .backingOff, .suspended, .paused:
            let attempt = invocation.attemptID
            let children = invocation.journal.compactMap(\.child)
            try finish(invocation, .failure(killed))
            if let attempt { turn.internalEffects.append(.end(attempt)) }
            for child in children { followUps.append(.kill(child)) }
        }
        return .done
    }

    /// Takes back an invocation that has not begun. Nothing of it is kept, as in Restate.
    mutating func withdraw(_ invocation: Resident, _ failure: TerminalFailure) throws(Wait) {
        let parents = try waitingParents(of: invocation)
        if invocation.progress.status == .scheduled { disarm(TimerID(serial: invocation.serial, slot: .start)) }
        leaveLane(invocation)
        answerCallers(of: invocation, .result(invocation.id, .failure(failure), expiresAtMs: nil))
        // One that was restarted as new has the entries that were kept.
        for index in invocation.journal.indices { turn.mutations.append(.deleteEntry(invocation.serial, index)) }
        delete(invocation)
        for parent in parents { complete(parent.index, of: parent.invocation, with: .outcome(.failure(failure))) }
    }

    private mutating func leaveLane(_ invocation: Resident) {
        guard let laneID = invocation.lane, invocation.progress.laneOrder != nil else { return }
        if lanes[laneID]?.owner == invocation.serial {
            releaseLane(of: invocation)
        } else {
            lanes[laneID]?.leave(invocation.serial)
        }
    }

    // MARK: Pausing

    private mutating func pause(_ invocation: Resident) -> SteeringResult {
        switch invocation.progress.status {
        case .paused: return .done
        case .completed: return .conflict("the invocation has completed")
        case .scheduled, .pending: return .conflict("the invocation has not begun")
        case .running, .backingOff, .suspended:
            pause(invocation, reason: "paused by request")
            return .requested
        }
    }

    private mutating func resume(_ invocation: Resident) -> SteeringResult {
        switch invocation.progress.status {
        case .completed: return .conflict("the invocation has completed")
        case .scheduled, .pending: return .tooEarly("the invocation has not begun")
        case .running: retryStepsNow(invocation)
        case .backingOff, .suspended, .paused: goOn(invocation)
        }
        return .done
    }

    /// Starts an attempt now, whatever the invocation waited for.
    private mutating func goOn(_ invocation: Resident) {
        switch invocation.progress.status {
        case .backingOff: disarm(TimerID(serial: invocation.serial, slot: .retry))
        case .paused:
            pausedInvocations -= 1
            invocation.progress.failedAttempts = 0
            invocation.progress.firstFailureMs = nil
            invocation.progress.strikes = 0
            invocation.progress.lastFailure = nil
        default: break
        }
        retryStepsNow(invocation)
        start(invocation)
    }

    /// Steps that wait for their next execution wait no longer, and exhausted ones begin anew.
    private mutating func retryStepsNow(_ invocation: Resident) {
        for (index, entry) in invocation.journal.enumerated() where entry.completion == nil {
            guard case .run(var run) = entry.detail, run.failedAttempts > 0,
                !invocation.runsInFlight.contains(where: { $0.entry == index })
            else { continue }
            if run.nextAttemptMs != nil {
                disarm(TimerID(serial: invocation.serial, slot: .entry(index)))
                run.nextAttemptMs = nil
            } else if invocation.progress.status == .paused {
                run = RunProgress()
            }
            invocation.journal[index].detail = .run(run)
            update(index, of: invocation)
            startRun(index, of: invocation)
        }
    }

    // MARK: Again

    private mutating func restart(
        _ invocation: Resident, _ keptEntries: Int, _ entropy: Entropy
    ) -> SteeringResult {
        switch invocation.progress.status {
        case .completed: break
        case .scheduled, .pending: return .tooEarly("the invocation has not begun")
        case .running, .backingOff, .suspended, .paused: return .conflict("the invocation has not completed")
        }
        switch invocation.acceptance.kind {
        case .workflowRun, .workflowShared: return .unsupported("a workflow runs once: it cannot be restarted as new")
        case .service, .exclusive, .shared: break
        }
        switch keptJournal(of: invocation, keptEntries) {
        case .failure(let refusal): return refusal.result
        case .success(let journal): return .restarted(accept(again: invocation, journal, entropy))
        }
    }

    private struct RestartRefusal: Error {
        let result: SteeringResult
    }

    private func keptJournal(
        of invocation: Resident, _ keptEntries: Int
    ) -> Result<[JournalEntry], RestartRefusal> {
        guard keptEntries > 0 else { return .success([]) }
        guard let journal = invocation.progress.packedJournal else {
            let isPurged = invocation.progress.journalLength == 0
            return .failure(
                RestartRefusal(
                    result: isPurged
                        ? .gone("the journal of the invocation has been purged")
                        : .unsupported(
                            "a journal of more than \(limits.packedJournalEntriesMax) entries can only be restarted "
                                + "from its beginning")))
        }
        guard keptEntries <= journal.count else {
            return .failure(RestartRefusal(result: .invalid("the journal has \(journal.count) entries")))
        }
        let kept = Array(journal.prefix(keptEntries))
        if let open = kept.firstIndex(where: { $0.completion == nil }) {
            return .failure(RestartRefusal(result: .invalid("journal entry \(open) has no result to keep")))
        }
        return .success(kept)
    }

    private mutating func accept(
        again old: Resident, _ journal: [JournalEntry], _ entropy: Entropy
    ) -> InvocationID {
        var acceptance = old.acceptance
        acceptance.id = .fresh(target: acceptance.target, nowMs: clockMs, entropy: entropy)
        acceptance.id.partitionKey = old.id.partitionKey
        acceptance.idempotencyKey = nil
        acceptance.isPromised = false
        acceptance.parent = nil
        acceptance.scheduledForMs = nil
        acceptance.createdAtMs = clockMs
        // What is kept was computed with the old seed.
        if journal.isEmpty { acceptance.seed = entropy.seed }
        _ = accept(acceptance, by: old.handler, of: old.object, journal: journal)
        return acceptance.id
    }
}

/// What happens to those that an invocation has called when it happens to itself.
enum PassedSteering {
    case cancel
    case kill

    var slot: TimerSlot {
        switch self {
        case .cancel: .cancel
        case .kill: .kill
        }
    }
}

extension TimerSlot {
    var steering: PassedSteering? {
        switch self {
        case .cancel: .cancel
        case .kill: .kill
        case .start, .retry, .entry: nil
        }
    }
}

extension JournalEntry {
    /// The invocation that it created or met, which may still be at work.
    fileprivate var child: InvocationSerial? {
        switch (command, detail) {
        case (.call, .child(let serial, _)): completion == nil ? serial : nil
        case (.send, .child(let serial, _)): serial
        default: nil
        }
    }
}
