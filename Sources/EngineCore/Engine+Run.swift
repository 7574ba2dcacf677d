import DurableModel

// The closures of `run`: executed at least once, their recorded result exactly once.
extension Engine {
    /// Executes the closure of an entry if there is one to execute and it is time.
    mutating func startRun(_ index: Int, of invocation: Resident) {
        guard let attempt = invocation.attempt, attempt.registeredRuns.contains(index),
            invocation.journal[index].completion == nil,
            case .run(let run) = invocation.journal[index].detail, run.nextAttemptMs == nil,
            !invocation.runsInFlight.contains(where: { $0.entry == index })
        else { return }
        let number = run.failedAttempts + 1
        invocation.runsInFlight.append(Resident.RunInFlight(entry: index, attempt: number))
        var execution = RunID(serial: invocation.serial, entry: index, attempt: number)
        if case .transaction = invocation.journal[index].command {
            execution.durableRank = invocation.reserveRank()
        }
        turn.externalEffects.append(.startRun(execution))
    }

    mutating func endRun(_ id: RunID, _ result: RunResult) throws(Wait) {
        guard let invocation = invocations[id.serial],
            let flight = invocation.runsInFlight.firstIndex(where: { $0.entry == id.entry && $0.attempt == id.attempt })
        else { return }
        invocation.runsInFlight.remove(at: flight)
        defer { if invocation.attempt == nil { settle(invocation) } }
        guard !invocation.isCompleted, invocation.journal[id.entry].completion == nil,
            case .run(let run) = invocation.journal[id.entry].detail
        else { return }
        switch result {
        case .success(let bytes):
            complete(id.entry, of: invocation, with: .outcome(.success(bytes)), durableRank: id.durableRank)
        case .terminal(let failure): complete(id.entry, of: invocation, with: .outcome(.failure(failure)))
        case .failed(let reason): failRun(id, run, of: invocation, reason)
        }
    }

    private mutating func failRun(_ id: RunID, _ run: RunProgress, of invocation: Resident, _ reason: String) {
        guard let (name, ownPolicy) = invocation.journal[id.entry].command.step else { return }
        let policy = ownPolicy ?? invocation.handler?.retry ?? .invocationDefault
        let firstFailureMs = run.firstFailureMs ?? clockMs
        let nextMs = policy.nextAttemptMs(
            failures: id.attempt, firstFailureMs: firstFailureMs, nowMs: clockMs,
            jitter: mixed(invocation.acceptance.seed, UInt64(id.entry) << 32 | UInt64(id.attempt)))
        invocation.journal[id.entry].detail = .run(
            RunProgress(
                failedAttempts: id.attempt, firstFailureMs: firstFailureMs, nextAttemptMs: nextMs, lastFailure: reason))
        if let nextMs {
            update(id.entry, of: invocation)
            arm(TimerID(serial: invocation.serial, slot: .entry(id.entry)), dueMs: nextMs)
            turn.events.append(
                .runFailed(invocation.id, step: name, reason: reason, retryInMs: nextMs - clockMs))
        } else if ownPolicy != nil {
            complete(id.entry, of: invocation, with: .outcome(.failure(TerminalFailure(message: reason))))
        } else {
            update(id.entry, of: invocation)
            pause(invocation, reason: "step \"\(name)\" failed \(id.attempt) times: \(reason)")
        }
    }
}
