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
        let excess = retainedUnpromised - limits.retainedUnpromisedMax
        if excess > limits.retainedUnpromisedExcess { ask(.oldestUnpromised(limit: min(excess, limits.sliceMax))) }
    }

    private mutating func ask(_ key: LoadKey) {
        guard !purgeIsUnderWay, loading[key] == nil else { return }
        listsAsked.removeAll { loading[$0] == nil }
        listsAsked.append(key)
        loading[key] = PendingLoad()
        turn.loads.append(key)
    }

    /// The store names candidates as of its last commit. What is not in memory and has nothing that must go with it is
    /// deleted without having been read: under load each call brings one that has to go. Promised ones have ids that
    /// come back, so they take the long way.
    mutating func consider(_ candidate: PurgeCandidate) {
        let (serial, id) = (candidate.serial, candidate.id)
        let isKnown = invocations[serial] != nil || loading[.invocation(serial)] != nil
        guard candidate.isAlone, !candidate.isPromised, !isKnown, loading[.invocationByID(id)] == nil else {
            return followUps.append(.purge(serial))
        }
        guard deleted[id] == nil, mayPurge(isPromised: false, candidate.expiresAtMs) else { return }
        retainedUnpromised -= 1
        turn.mutations.append(.deleteInvocation(serial))
        forget(serial, id)
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
        forget(invocation.serial, invocation.id)
    }

    private mutating func forget(_ serial: InvocationSerial, _ id: InvocationID) {
        deleted[id] = turnNumber
        settledDeletions.append(Settled(turn: turnNumber, value: (serial, id)))
    }

    private func mayPurge(_ invocation: Resident) -> Bool {
        invocation.runsInFlight.isEmpty
            && mayPurge(isPromised: invocation.acceptance.isPromised, invocation.progress.expiresAtMs)
    }

    /// What is promised is judged here, whatever the store names.
    private func mayPurge(isPromised: Bool, _ expiresAtMs: Int64?) -> Bool {
        if let expiresAtMs, expiresAtMs <= clockMs { return true }
        let isFree = !isPromised || plants(.retentionForgetsPromise)
        return isFree && retainedUnpromised > limits.retainedUnpromisedMax
    }
}
