import DurableModel

// Completed invocations are deleted when their time has passed, a slice at a time.
extension Engine {
    mutating func sweep() {
        loseProbationPatience()
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
        let rows = invocation.progress.packedJournal == nil ? invocation.progress.journalLength : 0
        if rows > limits.sliceMax {
            for index in (rows - limits.sliceMax)..<rows { turn.mutations.append(.deleteEntry(serial, index)) }
            invocation.progress.journalLength = rows - limits.sliceMax
            touch(invocation)
            return settle(invocation)
        }
        for index in 0..<rows { turn.mutations.append(.deleteEntry(serial, index)) }
        turn.mutations.append(.deleteInvocation(serial))
        if invocation.acceptance.isPromised { retainedPromised -= 1 } else { retainedUnpromised -= 1 }
        invocations[serial] = nil
        serialByID[invocation.id] = nil
        deleted[invocation.id] = turnNumber
        settledDeletions.append(Settled(turn: turnNumber, value: (serial, invocation.id)))
    }

    /// The store names candidates as of its last commit; what is promised is judged here.
    private func mayPurge(_ invocation: Resident) -> Bool {
        guard invocation.runsInFlight.isEmpty else { return false }
        if let expiresAtMs = invocation.progress.expiresAtMs, expiresAtMs <= clockMs { return true }
        return !invocation.acceptance.isPromised && retainedUnpromised > limits.retainedUnpromisedMax
    }
}
