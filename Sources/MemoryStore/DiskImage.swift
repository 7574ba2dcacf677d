package import DurableModel

/// What a disk holds: the rows of all committed batches. A value, so that a crash is an assignment.
package struct DiskImage: Sendable {
    package private(set) var invocations: [InvocationSerial: InvocationRecord] = [:]
    package private(set) var journal: [InvocationSerial: [Int: JournalEntry]] = [:]
    package private(set) var state: [ObjectID: [String: Bytes]] = [:]
    package private(set) var promises: [ObjectID: [String: DurablePromise]] = [:]
    package private(set) var timers: [TimerID: Int64] = [:]
    package private(set) var meta: [MetaKey: Int64] = [:]
    /// Rows that transactional steps have inserted into tables of their own.
    package private(set) var rows: [String: Int] = [:]
    /// Serials of each public id, oldest first.
    private var serials: [InvocationID: [InvocationSerial]] = [:]
    private var completedSerials: Set<InvocationSerial> = []

    package init() {}

    package mutating func apply(_ batch: Batch) {
        for mutation in batch.changes { apply(mutation) }
    }

    package mutating func apply(_ mutation: Mutation) {
        switch mutation {
        case .insertInvocation(let serial, let record): insert(serial, record)
        case .updateInvocation(let serial, let progress):
            invocations[serial]?.progress = progress
            note(progress.status, of: serial)
        case .deleteInvocation(let serial): delete(serial)
        case .insertEntry(let serial, let index, let entry): journal[serial, default: [:]][index] = entry
        case .updateEntry(let serial, let index, let entry):
            journal[serial]?[index]?.completion = entry.completion
            journal[serial]?[index]?.completionRank = entry.completionRank
            journal[serial]?[index]?.detail = entry.detail
        case .deleteEntry(let serial, let index):
            journal[serial]?[index] = nil
            if journal[serial]?.isEmpty == true { journal[serial] = nil }
        case .putState(let object, let name, let value): state[object, default: [:]][name] = value
        case .deleteState(let object, let name):
            state[object]?[name] = nil
            if state[object]?.isEmpty == true { state[object] = nil }
        case .putPromise(let object, let name, let promise): promises[object, default: [:]][name] = promise
        case .deletePromise(let object, let name):
            promises[object]?[name] = nil
            if promises[object]?.isEmpty == true { promises[object] = nil }
        case .putTimer(let id, let dueMs): timers[id] = dueMs
        case .deleteTimer(let id): timers[id] = nil
        case .putMeta(let key, let value): meta[key] = value
        }
    }

    /// A transactional step: its rows and its result.
    package mutating func complete(
        _ entry: Int, of serial: InvocationSerial, rank: Int, result: Bytes, rows inserted: [String]
    ) {
        journal[serial]?[entry]?.completion = .outcome(.success(result))
        journal[serial]?[entry]?.completionRank = rank
        for row in inserted { rows[row, default: 0] += 1 }
    }

    private mutating func insert(_ serial: InvocationSerial, _ record: InvocationRecord) {
        invocations[serial] = record
        serials[record.acceptance.id, default: []].append(serial)
        note(record.progress.status, of: serial)
    }

    private mutating func delete(_ serial: InvocationSerial) {
        completedSerials.remove(serial)
        guard let id = invocations.removeValue(forKey: serial)?.acceptance.id else { return }
        serials[id]?.removeAll { $0 == serial }
        if serials[id]?.isEmpty == true { serials[id] = nil }
    }

    private mutating func note(_ status: InvocationStatus, of serial: InvocationSerial) {
        if status == .completed { completedSerials.insert(serial) } else { completedSerials.remove(serial) }
    }

    // MARK: Reading

    /// The oldest invocation with this id: there is one at most, unless something is wrong.
    package func serial(of id: InvocationID) -> InvocationSerial? { serials[id]?.min() }

    package func load(_ key: LoadKey) -> LoadedValue {
        switch key {
        case .invocationByID(let id):
            return .invocation(serial(of: id).flatMap(loaded))
        case .invocation(let serial): return .invocation(loaded(serial))
        case .object(let object):
            let values = (state[object] ?? [:]).sorted { $0.key < $1.key }
            let promises = (promises[object] ?? [:]).sorted { $0.key < $1.key }
            return .object(
                LoadedObject(
                    values: values.map { StateValue(name: $0.key, value: $0.value) },
                    promises: promises.map { StoredPromise(name: $0.key, promise: $0.value) }))
        case .expired(let beforeMs, let limit):
            return .candidates(completed(limit) { ($0.progress.expiresAtMs ?? .max) <= beforeMs })
        case .oldestUnpromised(let limit):
            return .candidates(completed(limit) { !$0.acceptance.isPromised })
        }
    }

    private func loaded(_ serial: InvocationSerial) -> LoadedInvocation? {
        guard let record = invocations[serial] else { return nil }
        let entries = record.progress.status == .completed ? [] : journalEntries(of: serial)
        return LoadedInvocation(serial: serial, record: record, journal: entries)
    }

    package func journalEntries(of serial: InvocationSerial) -> [JournalEntry] {
        (journal[serial] ?? [:]).sorted { $0.key < $1.key }.map(\.value)
    }

    /// Oldest first.
    private func completed(_ limit: Int, where isWanted: (InvocationRecord) -> Bool) -> [PurgeCandidate] {
        var wanted: [PurgeCandidate] = []
        for serial in completedSerials {
            guard let record = invocations[serial], isWanted(record) else { continue }
            wanted.append(PurgeCandidate(serial, record))
        }
        wanted.sort { ($0.expiresAtMs ?? 0, $0.serial) < ($1.expiresAtMs ?? 0, $1.serial) }
        return Array(wanted.prefix(limit))
    }

    package func recover() -> RecoveredState {
        var recovered = RecoveredState()
        recovered.meta = meta
        recovered.timers = timers.map { RecoveredTimer(id: $0.key, dueMs: $0.value) }
            .sorted { ($0.dueMs, $0.id.serial) < ($1.dueMs, $1.id.serial) }
        for (serial, record) in invocations {
            switch record.progress.status {
            case .completed:
                if record.acceptance.isPromised {
                    recovered.retainedPromised += 1
                } else {
                    recovered.retainedUnpromised += 1
                }
            case .scheduled: break
            case .suspended where record.acceptance.kind != .exclusive: break
            default:
                recovered.live.append(
                    RecoveredInvocation(
                        serial: serial, status: record.progress.status,
                        lane: record.acceptance.kind == .exclusive ? record.acceptance.target.object : nil,
                        laneOrder: record.progress.laneOrder, strikes: record.progress.strikes))
            }
        }
        recovered.live.sort { ($0.laneOrder ?? .min, $0.serial) < ($1.laneOrder ?? .min, $1.serial) }
        return recovered
    }
}
