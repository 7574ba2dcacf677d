import DurableModel

// What handlers ask: answered from the journal while replaying, decided and appended from there on.
extension Engine {
    mutating func operate(_ id: AttemptID, _ operation: Operation) throws(Wait) {
        guard let invocation = invocations[id.serial], invocation.attemptID == id, let attempt = invocation.attempt
        else {
            turn.internalEffects.append(.resume(id, .ended))
            return
        }
        switch operation {
        case .await(let entry): wait(for: entry, invocation)
        case .log(let line): log(line, invocation)
        default:
            if attempt.cursor < invocation.journal.count {
                replay(operation, at: attempt.cursor, of: invocation)
            } else {
                try append(operation, to: invocation)
            }
        }
    }

    private mutating func wait(for entry: Int, _ invocation: Resident) {
        guard invocation.journal.indices.contains(entry) else {
            return pause(invocation, reason: "the handler waits for journal entry \(entry), which does not exist")
        }
        if let completion = invocation.journal[entry].completion {
            return resume(invocation, with: reply(for: completion))
        }
        invocation.attempt?.waitsFor = entry
        parkedAttempts += 1
        // Waiting for its own closure is no rest when the process has trapped: that closure may have done it. A process
        // that was killed from outside says nothing against a closure that happened to be under way.
        let mayBeCulprit = endedByTrap && isRun(invocation.journal[entry])
        if !mayBeCulprit, !invocation.isReplaying { comesToRest(invocation) }
    }

    private func isRun(_ entry: JournalEntry) -> Bool {
        if case .run = entry.command { true } else { false }
    }

    private mutating func log(_ line: LoggedLine, _ invocation: Resident) {
        guard !invocation.isReplaying else { return }
        turn.externalEffects.append(.log(invocation.id, line))
    }

    // MARK: Replay

    private mutating func replay(_ operation: Operation, at index: Int, of invocation: Resident) {
        let entry = invocation.journal[index]
        guard operation.repeats(entry.command) else {
            return pauseOnMismatch(at: index, of: invocation, handlerDid: "asked for \(operation.summary)")
        }
        invocation.attempt?.cursor = index + 1
        if isRun(entry) { register(index, of: invocation) }
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
        case (.run, _, _), (.sleep, _, _): .started(entry: index)
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
        case .call, .send:
            return try invoke(operation, from: invocation)
        case .sleep(let durationMs):
            let dueMs = clockMs.after(durationMs)
            append(JournalEntry(.sleep(durationMs: durationMs), detail: .due(dueMs)), to: invocation)
            arm(TimerID(serial: invocation.serial, slot: .entry(index)), dueMs: dueMs)
            return .started(entry: index)
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
        case .await, .log:
            return nil
        }
    }

    private mutating func register(_ index: Int, of invocation: Resident) {
        invocation.attempt?.registeredRuns.insert(index)
        startRun(index, of: invocation)
    }
}
