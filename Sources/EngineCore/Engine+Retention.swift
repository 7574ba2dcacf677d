import DurableModel

// Completed invocations are deleted when their time has passed, a slice at a time.
extension Engine {
    mutating func sweep() {
        loseProbationPatience()
        suspendTheIdle()
        reportTheStuck()
        askForSuperfluous()
    }

    /// The next slice follows when the last one is durable, however many complete in a second.
    mutating func askForSuperfluous() {
        ask(.expired(beforeMs: clockMs, limit: limits.sliceMax))
        if retainedUnpromised > limits.retainedUnpromisedMax {
            let excess = retainedUnpromised - limits.retainedUnpromisedMax
            ask(.oldestUnpromised(limit: min(excess, limits.sliceMax)))
        }
    }

    private mutating func ask(_ key: LoadKey) {
        guard !purgeIsUnderWay, loading[key] == nil else { return }
        loading[key] = PendingLoad()
        turn.loads.append(key)
    }

    /// One slice has to be through before the next is asked for, or the same invocations would come again.
    private var purgeIsUnderWay: Bool { !settledDeletions.isEmpty }

    mutating func purge(_ serial: InvocationSerial) throws(Wait) {
        guard let invocation = try find(serial), invocation.isCompleted, deleted[invocation.id] == nil else { return }
        guard mayPurge(invocation) else { return }
        let workflow = try workflowState(of: invocation)
        let rows = invocation.progress.packedJournal == nil ? invocation.progress.journalLength : 0
        if rows > limits.sliceMax {
            for index in (rows - limits.sliceMax)..<rows { turn.mutations.append(.deleteEntry(serial, index)) }
            invocation.progress.journalLength = rows - limits.sliceMax
            touch(invocation)
            return settle(invocation)
        }
        forget(invocation, workflow)
    }

    /// As a person asks for, in one turn: nobody must find it any more when this is answered.
    mutating func purgeNow(_ invocation: Resident) throws(Wait) -> SteeringResult {
        guard invocation.isCompleted else { return .conflict("the invocation has not completed") }
        guard invocation.runsInFlight.isEmpty else {
            return .conflict("a step of the killed invocation is still executing; try again when it has ended")
        }
        forget(invocation, try workflowState(of: invocation))
        return .done
    }

    mutating func purgeJournal(of invocation: Resident) -> SteeringResult {
        guard invocation.isCompleted else { return .conflict("the invocation has not completed") }
        deleteEntries(of: invocation)
        touch(invocation)
        invocation.progress.packedJournal = nil
        invocation.progress.journalLength = 0
        settle(invocation)
        return .done
    }

    private mutating func forget(_ invocation: Resident, _ workflow: (id: ObjectID, object: ResidentObject)?) {
        deleteEntries(of: invocation)
        if invocation.acceptance.isPromised { retainedPromised -= 1 } else { retainedUnpromised -= 1 }
        delete(invocation)
        if let workflow { forgetWorkflow(workflow.id, workflow.object) }
    }

    /// State and promises of a workflow live as long as its run is kept.
    private func workflowState(of invocation: Resident) throws(Wait) -> (id: ObjectID, object: ResidentObject)? {
        guard invocation.acceptance.kind == .workflowRun, let id = invocation.object else { return nil }
        return (id, try object(id))
    }

    private mutating func deleteEntries(of invocation: Resident) {
        guard invocation.progress.packedJournal == nil else { return }
        for index in 0..<invocation.progress.journalLength {
            turn.mutations.append(.deleteEntry(invocation.serial, index))
        }
    }

    /// The row goes, and with it the invocation: from now on its id is unknown.
    mutating func delete(_ invocation: Resident) {
        if invocation.isStored { turn.mutations.append(.deleteInvocation(invocation.serial)) }
        invocations[invocation.serial] = nil
        serialByID[invocation.id] = nil
        deleted[invocation.id] = turnNumber
        settledDeletions.append(Settled(turn: turnNumber, value: (invocation.serial, invocation.id)))
    }

    /// The store names candidates as of its last commit; what is promised is judged here.
    private func mayPurge(_ invocation: Resident) -> Bool {
        guard invocation.runsInFlight.isEmpty else { return false }
        if let expiresAtMs = invocation.progress.expiresAtMs, expiresAtMs <= clockMs { return true }
        let isFree = !invocation.acceptance.isPromised || plants(.retentionForgetsPromise)
        return isFree && retainedUnpromised > limits.retainedUnpromisedMax
    }
}
