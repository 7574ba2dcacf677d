import DurableModel

// Which entities are in memory, and how they come and go.
extension Engine {
    /// The invocation, wherever it is; nil if there is none.
    func find(_ id: InvocationID) throws(Wait) -> Resident? {
        if let serial = serialByID[id], let invocation = invocations[serial] { return invocation }
        if deleted[id] != nil || absentNow.contains(id) { return nil }
        throw .load(.invocationByID(id))
    }

    /// The invocation with that serial, which the engine itself has named: it exists unless it was deleted since.
    func find(_ serial: InvocationSerial) throws(Wait) -> Resident? {
        if let invocation = invocations[serial] { return invocation }
        if absentSerials.contains(serial) { return nil }
        throw .load(.invocation(serial))
    }

    func object(_ id: ObjectID) throws(Wait) -> ResidentObject {
        guard let object = objects[id] else { throw .load(.object(id)) }
        return object
    }

    mutating func park(_ followUp: FollowUp, on wait: Wait) {
        switch wait {
        case .load(let key):
            if loading[key] == nil { turn.loads.append(key) }
            if case .again = followUp { waitingAgain += 1 }
            loading[key, default: PendingLoad()].inputs.append(followUp)
        case .backlog:
            backlogged.append(followUp)
        }
    }

    mutating func take(_ value: LoadedValue, for key: LoadKey) {
        guard let pending = loading[key] else { return }
        if pending.isStale {
            loading[key] = PendingLoad(inputs: pending.inputs)
            turn.loads.append(key)
            return
        }
        loading[key] = nil
        if case .undecodable(let serial, let reason) = value {
            return refuse(pending.inputs, serial, reason)
        }
        install(value, for: key)
        for followUp in pending.inputs {
            if case .again = followUp {
                waitingAgain -= 1
                followUps.append(followUp)
            } else {
                followUps.append(.again(followUp))
            }
        }
    }

    /// What is stored cannot be read: nothing may happen to it, and its lane waits until a person has looked.
    private mutating func refuse(_ inputs: [FollowUp], _ serial: InvocationSerial, _ reason: String) {
        turn.events.append(.unreadable(serial, reason: reason))
        for followUp in inputs {
            var waiting = followUp
            if case .again(let first) = followUp {
                waitingAgain -= 1
                waiting = first
            }
            guard case .input(.command(_, let caller, _)) = waiting else { continue }
            let message = "the stored invocation cannot be read: \(reason)"
            answer(caller, .refused(Refusal(status: 503, message: message, retryAfterSeconds: 60)))
        }
    }

    private mutating func install(_ value: LoadedValue, for key: LoadKey) {
        switch (key, value) {
        case (.invocationByID(let id), .invocation(let loaded)):
            if let loaded, deleted[id] == nil { install(loaded) } else { absentNow.insert(id) }
        case (.invocation(let serial), .invocation(let loaded)):
            if let loaded, deleted[loaded.record.acceptance.id] == nil {
                install(loaded)
            } else {
                absentSerials.insert(serial)
            }
        case (.object(let id), .object(let stored)):
            guard objects[id] == nil else { return }
            objects[id] = ResidentObject(stored)
            settledObjects.append(Settled(turn: turnNumber, value: id))
        case (.expired, .candidates(let candidates)), (.oldestUnpromised, .candidates(let candidates)):
            for candidate in candidates { consider(candidate) }
        default:
            break
        }
    }

    private mutating func install(_ loaded: LoadedInvocation) {
        // What is in memory is newer than anything on disk.
        guard invocations[loaded.serial] == nil else { return }
        let target = loaded.record.acceptance.target
        let invocation = Resident(
            serial: loaded.serial, record: loaded.record, handler: catalog.handler(target), object: target.object,
            journal: loaded.journal, isStored: true, lastTurn: durableTurn)
        invocations[loaded.serial] = invocation
        serialByID[invocation.id] = loaded.serial
        settle(invocation)
    }

    /// `invocation` may leave memory once this turn is durable, unless something stirs it before.
    mutating func settle(_ invocation: Resident) {
        settledInvocations.append(Settled(turn: turnNumber, value: invocation.serial))
    }

    mutating func becomeDurable(upTo turn: Int64) {
        durableTurn = max(durableTurn, turn)
        while let first = uncommittedSizes.first, first.turn <= durableTurn {
            uncommittedBytes -= first.value
            uncommittedSizes.removeFirst()
        }
        evictInvocations()
        evictObjects()
        let wasPurging = !settledDeletions.isEmpty
        while let first = settledDeletions.first, first.turn <= durableTurn {
            settledDeletions.removeFirst()
            if deleted[first.value.id] == first.turn { deleted[first.value.id] = nil }
            spoilLoad(of: .invocation(first.value.serial))
            spoilLoad(of: .invocationByID(first.value.id))
            for list in listsAsked { spoilLoad(of: list) }
        }
        if wasPurging, settledDeletions.isEmpty { askForSuperfluous() }
        guard !isBacklogged, !backlogged.isEmpty else { return }
        if plants(.lostWakeUp) { backlogged.removeLast() }
        followUps.append(contentsOf: backlogged)
        backlogged.removeAll()
    }

    private mutating func evictInvocations() {
        guard waitingAgain == 0 else { return }
        while let first = settledInvocations.first, first.turn <= durableTurn {
            settledInvocations.removeFirst()
            guard let invocation = invocations[first.value], mayLeave(invocation) else { continue }
            guard invocation.lastTurn <= durableTurn || plants(.lookupMissesPendingBatch) else {
                settledInvocations.append(Settled(turn: turnNumber, value: first.value))
                continue
            }
            invocations[first.value] = nil
            serialByID[invocation.id] = nil
            spoilLoad(of: .invocation(first.value))
            spoilLoad(of: .invocationByID(invocation.id))
        }
    }

    private func mayLeave(_ invocation: Resident) -> Bool {
        switch invocation.progress.status {
        case .completed: invocation.runsInFlight.isEmpty
        case .scheduled, .pending, .paused, .suspended, .backingOff:
            invocation.attempt == nil && invocation.runsInFlight.isEmpty
        case .running: false
        }
    }

    private mutating func evictObjects() {
        while objects.count > limits.idleObjectsMax, let first = settledObjects.first, first.turn <= durableTurn {
            settledObjects.removeFirst()
            guard let object = objects[first.value] else { continue }
            if object.lastTurn > first.turn || lanes[first.value] != nil {
                // A second chance; it comes after the turns that are durable now, so this loop ends.
                settledObjects.append(Settled(turn: turnNumber, value: first.value))
                continue
            }
            objects[first.value] = nil
        }
    }

    /// A read under way may have begun before the entity's last commit: its answer must not come in as the truth.
    private mutating func spoilLoad(of key: LoadKey) {
        guard !loading.isEmpty, let place = loading.index(forKey: key) else { return }
        loading.values[place].isStale = true
    }
}
