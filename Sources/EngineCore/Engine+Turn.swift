import DurableModel

// What every transition says of its changes.
extension Engine {
    /// The changing part of `invocation` goes into this turn's mutations when it ends.
    mutating func touch(_ invocation: Resident) {
        touched.append(invocation.serial)
        invocation.lastTurn = turnNumber
    }

    mutating func recordProgress(of serial: InvocationSerial) {
        guard let invocation = invocations[serial] else { return }
        if invocation.isStored {
            turn.mutations.append(.updateInvocation(serial, invocation.progress))
        } else {
            invocation.isStored = true
            let record = InvocationRecord(accepted: invocation.accepted, progress: invocation.progress)
            turn.mutations.append(.insertInvocation(serial, record))
        }
    }

    mutating func append(_ entry: JournalEntry, to invocation: Resident) {
        turn.mutations.append(.insertEntry(invocation.serial, invocation.journal.count, entry))
        if invocation.journal.isEmpty { invocation.journal.reserveCapacity(4) }
        invocation.journal.append(entry)
        invocation.lastTurn = turnNumber
    }

    mutating func update(_ index: Int, of invocation: Resident) {
        turn.mutations.append(.updateEntry(invocation.serial, index, invocation.journal[index]))
        invocation.lastTurn = turnNumber
    }

    mutating func arm(_ id: TimerID, dueMs: Int64) {
        turn.mutations.append(.putTimer(id, dueMs: dueMs))
        timers.add(id, dueMs: dueMs)
    }

    mutating func disarm(_ id: TimerID) {
        turn.mutations.append(.deleteTimer(id))
    }

    func reply(for completion: Completion) -> OperationReply {
        switch completion {
        case .outcome(let outcome): .outcome(outcome)
        case .outcomeSoFar(let outcome): .outcomeSoFar(outcome)
        case .elapsed: .outcome(.success([]))
        case .value(let bytes): .value(bytes)
        case .names(let names): .names(names)
        case .time(let ms): .time(ms)
        case .done: .done
        }
    }

    mutating func answer(_ caller: CallerToken, _ reply: ClientReply) {
        turn.externalEffects.append(.answer(caller, reply))
    }

    mutating func accountForBacklog() {
        let bytes = turn.mutations.reduce(0) { $0 + $1.approximateBytes }
        uncommittedBytes += bytes
        uncommittedSizes.append(Settled(turn: turnNumber, value: bytes))
    }

    var isBacklogged: Bool {
        uncommittedSizes.count >= limits.speculationTurnsMax || uncommittedBytes >= limits.speculationBytesMax
    }
}

extension Mutation {
    /// What a mutation holds in memory until it is committed, near enough to bound it.
    package var approximateBytes: Int {
        switch self {
        case .insertInvocation(_, let record):
            300 + record.accepted.approximateBytes + record.progress.approximateBytes
        case .updateInvocation(_, let progress): 100 + progress.approximateBytes
        case .insertEntry(_, _, let entry), .updateEntry(_, _, let entry): 64 + entry.approximateBytes
        case .putState(_, let name, let value): 64 + name.utf8.count + value.count
        case .putPromise(_, let name, let promise):
            64 + name.utf8.count + 16 * promise.waiters.count + (promise.outcome?.approximateBytes ?? 0)
        default: 48
        }
    }
}

extension Progress {
    fileprivate var approximateBytes: Int {
        (lastFailure?.utf8.count ?? 0) + (outcome?.approximateBytes ?? 0)
            + (packedJournal?.reduce(0) { $0 + 32 + $1.approximateBytes } ?? 0)
    }
}

extension JournalEntry {
    fileprivate var approximateBytes: Int {
        let commandBytes: Int =
            switch command {
            case .setState(_, let value): value.count
            case .call(_, let input, _), .send(_, let input, _, _): input.count
            case .completePromise(_, let outcome), .completeAwakeable(_, let outcome): outcome.approximateBytes
            default: 16
            }
        let completionBytes: Int =
            switch completion {
            case .value(let value): value?.count ?? 0
            case .outcome(let outcome), .outcomeSoFar(let outcome?): outcome.approximateBytes
            default: 0
            }
        return commandBytes + completionBytes
    }
}

extension Outcome {
    fileprivate var approximateBytes: Int {
        switch self {
        case .success(let bytes): bytes.count
        case .failure(let failure): failure.message.utf8.count
        }
    }
}
