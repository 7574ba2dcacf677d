import DurableModel

// From acceptance to the start of an attempt.
extension Engine {
    /// Takes on a new invocation, whatever limits say: callers outside have been judged before.
    mutating func accept(
        _ acceptance: Acceptance, by handler: HandlerDescriptor?, of object: ObjectID?, journal: [JournalEntry] = []
    ) -> Resident {
        let invocation = Resident(
            serial: takeSerial(),
            record: InvocationRecord(acceptance: acceptance, progress: Progress(status: .scheduled)),
            handler: handler, object: object, journal: journal, isStored: false, lastTurn: turnNumber)
        for (index, entry) in journal.enumerated() {
            turn.mutations.append(.insertEntry(invocation.serial, index, entry))
        }
        invocations[invocation.serial] = invocation
        serialByID[invocation.id] = invocation.serial
        touch(invocation)
        if let dueMs = acceptance.scheduledForMs, dueMs > clockMs {
            arm(TimerID(serial: invocation.serial, slot: .start), dueMs: dueMs)
            settle(invocation)
        } else {
            begin(invocation)
        }
        return invocation
    }

    private mutating func takeSerial() -> InvocationSerial {
        if nextSerial >= serialCeiling {
            serialCeiling = nextSerial + 100_000
            turn.mutations.append(.putMeta(.serialCeiling, serialCeiling))
        }
        defer { nextSerial += 1 }
        return InvocationSerial(nextSerial)
    }

    /// The invocation may run: at once, or when its lane is free.
    mutating func begin(_ invocation: Resident) {
        guard let laneID = invocation.lane else { return start(invocation) }
        invocation.progress.laneOrder = nextLaneOrder
        nextLaneOrder += 1
        let lane = lane(laneID)
        if lane.enter(invocation.serial) {
            start(invocation)
        } else {
            invocation.progress.status = .pending
            touch(invocation)
            if lane.waiting.count > limits.residentLaneDepthMax { settle(invocation) }
        }
    }

    /// The lane of a queued invocation has come round to it.
    mutating func admit(_ serial: InvocationSerial) throws(Wait) {
        guard let invocation = try find(serial), invocation.progress.status == .pending else { return }
        start(invocation)
    }

    mutating func lane(_ id: ObjectID) -> Lane {
        if let lane = lanes[id] { return lane }
        let lane = Lane()
        lanes[id] = lane
        return lane
    }

    mutating func releaseLane(of invocation: Resident) {
        guard let laneID = invocation.lane, let lane = lanes[laneID], lane.owner == invocation.serial else { return }
        if let next = lane.release() {
            followUps.append(.admit(next))
        } else {
            lanes[laneID] = nil
        }
    }

    /// Begins an attempt, with a strike first if it may have been this invocation that ended the process.
    mutating func start(_ invocation: Resident) {
        if isSuspect(invocation) { startSuspect(invocation) } else { launch(invocation, onceDurable: false) }
    }

    /// `onceDurable`: the attempt waits for the disk, so that what this turn says of it is there even if it traps.
    mutating func launch(_ invocation: Resident, onceDurable: Bool) {
        invocation.progress.status = .running
        invocation.progress.nextAttemptMs = nil
        invocation.progress.waiting = nil
        touch(invocation)
        if live.count >= limits.liveAttemptsMax { makeRoom() }
        let attempt = AttemptID(serial: invocation.serial, epoch: nextEpoch)
        nextEpoch += 1
        invocation.attempt = Resident.LiveAttempt(epoch: attempt.epoch, activeMs: clockMs)
        live[invocation.serial] = invocation
        let start = AttemptStart(attempt: attempt, accepted: invocation.accepted)
        if onceDurable {
            turn.externalEffects.append(.start(start))
        } else {
            turn.internalEffects.append(.start(start))
        }
    }
}
