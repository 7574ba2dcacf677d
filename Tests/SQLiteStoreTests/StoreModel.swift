import DurableModel

/// What a store must hold, as plain dictionaries.
struct StoreModel {
    private(set) var invocations: [InvocationSerial: InvocationRecord] = [:]
    private(set) var entries: [InvocationSerial: [Int: JournalEntry]] = [:]
    private(set) var state: [ObjectID: [String: Bytes]] = [:]
    private(set) var promises: [ObjectID: [String: DurablePromise]] = [:]
    private(set) var timers: [TimerID: Int64] = [:]
    private(set) var meta: [MetaKey: Int64] = [:]

    mutating func apply(_ mutation: Mutation) {
        switch mutation {
        case .insertInvocation(let serial, let record): invocations[serial] = record
        case .updateInvocation(let serial, let progress): invocations[serial]?.progress = progress
        case .deleteInvocation(let serial): invocations[serial] = nil
        case .insertEntry(let serial, let index, let entry): entries[serial, default: [:]][index] = entry
        case .updateEntry(let serial, let index, let entry):
            entries[serial]?[index]?.completion = entry.completion
            entries[serial]?[index]?.completionRank = entry.completionRank
            entries[serial]?[index]?.detail = entry.detail
        case .deleteEntry(let serial, let index): entries[serial]?[index] = nil
        case .putState(let object, let name, let value): state[object, default: [:]][name] = value
        case .deleteState(let object, let name): state[object]?[name] = nil
        case .putPromise(let object, let name, let promise): promises[object, default: [:]][name] = promise
        case .deletePromise(let object, let name): promises[object]?[name] = nil
        case .putTimer(let timer, let dueMs): timers[timer] = dueMs
        case .deleteTimer(let timer): timers[timer] = nil
        case .putMeta(let key, let value): meta[key] = value
        }
    }

    func load(_ key: LoadKey) -> LoadedValue {
        switch key {
        case .invocationByID(let id):
            .invocation(invocations.first { $0.value.acceptance.id == id }.flatMap { loaded($0.key) })
        case .invocation(let serial): .invocation(loaded(serial))
        case .object(let object):
            .object(
                LoadedObject(
                    values: (state[object] ?? [:]).map { StateValue(name: $0.key, value: $0.value) }
                        .sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) },
                    promises: (promises[object] ?? [:]).map { StoredPromise(name: $0.key, promise: $0.value) }
                        .sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }))
        case .expired(let beforeMs, let limit):
            .candidates(retained(limit) { $0.progress.expiresAtMs.map { $0 < beforeMs } ?? false })
        case .oldestUnpromised(let limit):
            .candidates(retained(limit) { !$0.acceptance.isPromised })
        }
    }

    var objects: [ObjectID] { Array(Set(state.keys).union(promises.keys)) }

    func recovered() -> RecoveredState {
        var recovered = RecoveredState()
        recovered.meta = meta
        recovered.timers = timers.map { RecoveredTimer(id: $0.key, dueMs: $0.value) }.sorted {
            ($0.id.serial, rank($0.id.slot)) < ($1.id.serial, rank($1.id.slot))
        }
        for (serial, record) in invocations {
            switch record.progress.status {
            case .scheduled: break
            case .completed:
                recovered.retainedPromised += record.acceptance.isPromised ? 1 : 0
                recovered.retainedUnpromised += record.acceptance.isPromised ? 0 : 1
            case .suspended where record.acceptance.kind != .exclusive: break
            default:
                let hasLane = record.acceptance.kind == .exclusive
                recovered.live.append(
                    RecoveredInvocation(
                        serial: serial, status: record.progress.status,
                        lane: hasLane ? record.acceptance.target.object : nil, laneOrder: record.progress.laneOrder,
                        strikes: record.progress.strikes))
            }
        }
        recovered.live.sort { ($0.laneOrder ?? .min, $0.serial) < ($1.laneOrder ?? .min, $1.serial) }
        return recovered
    }

    func listed(_ filter: InvocationFilter) -> [StoredInvocation] {
        let matching = invocations.filter { _, record in
            filter.status.map { $0 == record.progress.status } ?? true
                && filter.service.map { $0 == record.acceptance.target.service } ?? true
                && filter.key.map { $0 == record.acceptance.target.key } ?? true
        }
        return matching.sorted { $0.key > $1.key }.prefix(filter.limit).map { serial, record in
            var record = record
            record.acceptance.input = []
            record.progress.packedJournal = nil
            if case .success = record.progress.outcome { record.progress.outcome = .success([]) }
            return StoredInvocation(serial: serial, record: record)
        }
    }

    private func rank(_ slot: TimerSlot) -> Int {
        switch slot {
        case .kill: -4
        case .cancel: -3
        case .start: -2
        case .retry: -1
        case .entry(let index): index
        }
    }

    private func loaded(_ serial: InvocationSerial) -> LoadedInvocation? {
        guard let record = invocations[serial] else { return nil }
        let journal = (entries[serial] ?? [:]).sorted { $0.key < $1.key }.map(\.value)
        return LoadedInvocation(
            serial: serial, record: record, journal: record.progress.status == .completed ? [] : journal)
    }

    private func retained(_ limit: Int, _ isWanted: (InvocationRecord) -> Bool) -> [PurgeCandidate] {
        invocations.filter { $0.value.progress.status == .completed && isWanted($0.value) }
            .sorted { a, b in
                (a.value.progress.expiresAtMs ?? .min, a.key) < (b.value.progress.expiresAtMs ?? .min, b.key)
            }
            .prefix(limit).map { PurgeCandidate($0.key, $0.value) }
    }
}
