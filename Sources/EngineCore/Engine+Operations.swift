import DurableModel

// What handlers ask: answered from the journal while replaying, decided and appended from there on.
extension Engine {
    mutating func operate(_ id: AttemptID, _ operation: Operation) throws(Wait) {
        guard let invocation = invocations[id.serial], let attempt = invocation.attempt, attempt.epoch == id.epoch
        else {
            turn.internalEffects.append(.resume(id, .ended))
            return
        }
        attempt.activeMs = clockMs
        switch operation {
        case .await(let entry): wait(for: Waiting(.first, [entry]), wantsOutcome: true, invocation)
        case .select(let waiting): wait(for: waiting, wantsOutcome: false, invocation)
        case .log(let line): say(.log(invocation.id, line), invocation)
        case .publish(let publication): say(.publish(publication), invocation)
        default:
            if attempt.cursor < invocation.journal.count {
                replay(operation, at: attempt.cursor, of: invocation)
            } else {
                try append(operation, to: invocation)
            }
        }
    }

    /// Once what was decided before it is durable; a replay has said it already.
    private mutating func say(_ effect: ExternalEffect, _ invocation: Resident) {
        guard !invocation.isReplaying else { return }
        turn.externalEffects.append(effect)
    }

    // MARK: Replay

    private mutating func replay(_ operation: Operation, at index: Int, of invocation: Resident) {
        let entry = invocation.journal[index]
        if case .patched = operation, !operation.repeats(entry.command) {
            // The journal was written by code that did not have it yet.
            return resume(invocation, with: .flag(false))
        }
        guard operation.repeats(entry.command) else {
            return pauseOnMismatch(at: index, of: invocation, handlerDid: "asked for \(operation.summary)")
        }
        invocation.attempt?.cursor = index + 1
        if entry.command.isStep { register(index, of: invocation) }
        resume(invocation, with: replyToReplayed(entry, at: index, of: invocation))
    }

    mutating func pauseOnMismatch(at index: Int, of invocation: Resident, handlerDid: String) {
        pause(
            invocation,
            reason: "journal mismatch (570) at entry \(index): the journal has "
                + "\(invocation.journal[index].command.summary), the handler \(handlerDid); the handler's code has "
                + "changed or is not deterministic")
    }

    private func replyToReplayed(_ entry: JournalEntry, at index: Int, of invocation: Resident) -> OperationReply {
        switch (entry.command, entry.detail, entry.completion) {
        case (.run, _, _), (.transaction, _, _), (.sleep, _, _), (.getPromise, _, _), (.attach, _, _):
            .started(entry: index)
        case (.patch, _, _): .flag(true)
        case (.call, .child(_, let id), _): .call(entry: index, id)
        case (.call, _, _): .call(entry: index, invocation.id)
        case (.send, .child(_, let id), _): .sent(id)
        case (.awakeable, .signal(let signal), _):
            .awakeable(entry: index, AwakeableID(invocation: invocation.id, index: signal))
        case (_, _, let completion?): reply(for: completion)
        default: .done
        }
    }

    // MARK: Append

    private mutating func append(_ operation: Operation, to invocation: Resident) throws(Wait) {
        if isBacklogged { throw .backlog }
        if invocation.journal.count >= limits.journalEntriesMax {
            return pause(invocation, reason: "the journal has \(limits.journalEntriesMax) entries, the most allowed")
        }
        let reply = try execute(operation, for: invocation)
        guard let reply else { return }
        invocation.attempt?.cursor = invocation.journal.count
        if invocation.progress.failedAttempts > 0 {
            // Progress was made: the next failure is a first one again.
            invocation.progress.failedAttempts = 0
            invocation.progress.firstFailureMs = nil
            touch(invocation)
        }
        comesToRest(invocation)
        resume(invocation, with: reply)
    }

    /// Decides a new command and appends it; nil when the invocation was paused instead.
    private mutating func execute(_ operation: Operation, for invocation: Resident) throws(Wait) -> OperationReply? {
        let index = invocation.journal.count
        switch operation {
        case .getState, .stateNames, .setState, .clearState, .clearAllState:
            return try accessState(operation, of: invocation)
        case .run(let name, let policy):
            append(JournalEntry(.run(name: name, policy: policy), detail: .run(RunProgress())), to: invocation)
            register(index, of: invocation)
            return .started(entry: index)
        case .transaction(let name, let policy):
            append(JournalEntry(.transaction(name: name, policy: policy), detail: .run(RunProgress())), to: invocation)
            register(index, of: invocation)
            return .started(entry: index)
        case .call, .send:
            return try invoke(operation, from: invocation)
        case .sleep(let durationMs): return sleep(durationMs, until: clockMs.after(durationMs), invocation)
        case .sleepUntil(let dueMs):
            let dueMs = max(dueMs, clockMs)
            return sleep(dueMs - clockMs, until: dueMs, invocation)
        case .awakeable:
            let signal = invocation.signalIndex(ofAwakeable: invocation.awakeables)
            invocation.awakeables += 1
            append(JournalEntry(.awakeable, detail: .signal(signal)), to: invocation)
            return .awakeable(entry: index, AwakeableID(invocation: invocation.id, index: signal))
        case .completeAwakeable(let id, let outcome):
            let target = try find(id.invocation)
            append(JournalEntry(.completeAwakeable(id, outcome), completion: .done), to: invocation)
            completeAwakeable(id, of: target, with: outcome)
            return .done
        case .now:
            append(JournalEntry(.now, completion: .time(clockMs)), to: invocation)
            return .time(clockMs)
        case .getPromise, .peekPromise, .completePromise:
            return try accessPromise(operation, of: invocation)
        case .attach(let id): return try attach(to: id, from: invocation)
        case .getOutput(let id): return try getOutput(of: id, from: invocation)
        case .cancel(let id):
            let target = try find(id)
            append(JournalEntry(.cancel(id), completion: .done), to: invocation)
            if let target { followUps.append(.cancel(target.serial)) }
            return .done
        case .patched(let id):
            append(JournalEntry(.patch(id: id), completion: .done), to: invocation)
            return .flag(true)
        case .await, .select, .log, .publish:
            return nil
        }
    }

    private mutating func sleep(
        _ durationMs: Int64, until dueMs: Int64, _ invocation: Resident
    ) -> OperationReply {
        let index = invocation.journal.count
        append(JournalEntry(.sleep(durationMs: durationMs), detail: .due(dueMs)), to: invocation)
        arm(TimerID(serial: invocation.serial, slot: .entry(index)), dueMs: dueMs)
        return .started(entry: index)
    }

    private mutating func register(_ index: Int, of invocation: Resident) {
        invocation.attempt?.registeredRuns.insert(index)
        startRun(index, of: invocation)
    }
}
