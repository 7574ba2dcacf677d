/// The storage port: makes batches durable, recovers, and answers loads and inspection. Implementations are
/// synchronous; `commit` is called by one caller at a time, the reads by any.
package protocol DurableStore: Sendable {
    /// What a restarted engine must know at once. Called once, before the first commit.
    func recover() throws(StoreError) -> RecoveredState

    /// Writes the whole batch in one transaction and returns when it is synced. After a thrown error nothing of
    /// the batch is on disk; see `StoreError` for what the caller must do.
    func commit(_ batch: Batch) throws(StoreError)

    /// Reads in one transaction that begins after the call, one answer per key, in order.
    func load(_ keys: [LoadKey]) throws(StoreError) -> [LoadedValue]

    /// Committed invocations that match, newest first, without the bytes of their inputs and outputs.
    func invocations(matching filter: InvocationFilter) throws(StoreError) -> [StoredInvocation]

    /// One committed invocation with its journal.
    func invocation(_ id: InvocationID) throws(StoreError) -> StoredInvocation?

    /// Bytes on disk of the database and of its write-ahead log.
    func sizes() -> StoreSizes
}

package struct StoreError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Code: Sendable, Equatable {
        /// No room on the disk: nothing of the batch was written, execute it again later.
        case full
        /// Another connection holds the lock: execute it again soon.
        case busy
        /// Another server owns the data directory.
        case owned
        /// The file was written by a newer version.
        case newerSchema
        /// The data directory cannot be used as configured.
        case unusable
        /// Input/output error, failed sync or corruption: stop the process, restart is the recovery.
        case fatal
    }

    package var code: Code
    package var description: String

    package init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}

/// Absent entities that a step needs.
package enum LoadKey: Hashable, Sendable {
    /// The invocation with that public id, with its journal unless it is completed.
    case invocationByID(InvocationID)
    case invocation(InvocationSerial)
    /// The whole state of one object, promises included.
    case object(ObjectID)
    /// Completed invocations whose retention has passed, oldest first.
    case expired(beforeMs: Int64, limit: Int)
    /// The oldest completed invocations whose result was not promised.
    case oldestUnpromised(limit: Int)
}

package enum LoadedValue: Sendable, Equatable {
    case invocation(LoadedInvocation?)
    /// The invocation is stored, but not in a form that this version can read.
    case undecodable(InvocationSerial, reason: String)
    case object(LoadedObject)
    case candidates([PurgeCandidate])
}

/// A completed invocation whose time may have come, as the last commit has it. Most need not be loaded to be deleted.
package struct PurgeCandidate: Sendable, Equatable {
    package var serial: InvocationSerial
    package var id: InvocationID
    package var isPromised: Bool
    package var expiresAtMs: Int64?
    /// Nothing has to go with it but its own row: neither journal entries nor the state of a workflow.
    package var isAlone: Bool

    package init(
        serial: InvocationSerial, id: InvocationID, isPromised: Bool, expiresAtMs: Int64?, isAlone: Bool
    ) {
        self.serial = serial
        self.id = id
        self.isPromised = isPromised
        self.expiresAtMs = expiresAtMs
        self.isAlone = isAlone
    }

    package init(_ serial: InvocationSerial, _ record: InvocationRecord) {
        let progress = record.progress
        self.init(
            serial: serial, id: record.acceptance.id, isPromised: record.acceptance.isPromised,
            expiresAtMs: progress.expiresAtMs,
            isAlone: record.acceptance.kind != .workflowRun
                && (progress.packedJournal != nil || progress.journalLength == 0))
    }
}

package struct LoadedInvocation: Sendable, Equatable {
    package var serial: InvocationSerial
    package var record: InvocationRecord
    /// Empty for completed invocations.
    package var journal: [JournalEntry]

    package init(serial: InvocationSerial, record: InvocationRecord, journal: [JournalEntry]) {
        self.serial = serial
        self.record = record
        self.journal = journal
    }
}

package struct LoadedObject: Sendable, Equatable {
    /// By name.
    package var values: [StateValue]
    package var promises: [StoredPromise]

    package init(values: [StateValue] = [], promises: [StoredPromise] = []) {
        self.values = values
        self.promises = promises
    }
}

package struct StoredPromise: Sendable, Equatable {
    package var name: String
    package var promise: DurablePromise

    package init(name: String, promise: DurablePromise) {
        self.name = name
        self.promise = promise
    }
}

package struct StateValue: Sendable, Equatable {
    package var name: String
    package var value: Bytes

    package init(name: String, value: Bytes) {
        self.name = name
        self.value = value
    }
}

/// What a restarted engine must know at once; everything else is loaded when needed.
package struct RecoveredState: Sendable, Equatable {
    package var meta: [MetaKey: Int64] = [:]
    /// Every stored timer.
    package var timers: [RecoveredTimer] = []
    /// Invocations that are neither scheduled nor completed, ordered by `laneOrder`, then serial. Those that sleep
    /// (suspended, without a lane) are left out: a million of them may, and what wakes them loads them.
    package var live: [RecoveredInvocation] = []
    /// Completed invocations on disk whose result was not promised, and those whose was.
    package var retainedUnpromised: Int = 0
    package var retainedPromised: Int = 0
    /// The process before this one ended by a trap of its own. Stores leave it false: whoever starts the server knows.
    package var endedByTrap = false

    package init() {}
}

package struct RecoveredTimer: Sendable, Equatable {
    package var id: TimerID
    package var dueMs: Int64

    package init(id: TimerID, dueMs: Int64) {
        self.id = id
        self.dueMs = dueMs
    }
}

package struct RecoveredInvocation: Sendable, Equatable {
    package var serial: InvocationSerial
    package var status: InvocationStatus
    /// The lane that it holds or waits for; nil for handlers without one.
    package var lane: ObjectID?
    package var laneOrder: Int64?
    package var strikes: Int

    package init(
        serial: InvocationSerial, status: InvocationStatus, lane: ObjectID?, laneOrder: Int64?, strikes: Int
    ) {
        self.serial = serial
        self.status = status
        self.lane = lane
        self.laneOrder = laneOrder
        self.strikes = strikes
    }
}

/// A question of the admin API; nil fields match everything.
package struct InvocationFilter: Sendable, Equatable {
    package var status: InvocationStatus?
    package var service: String?
    package var key: String?
    package var limit: Int

    package init(status: InvocationStatus? = nil, service: String? = nil, key: String? = nil, limit: Int = 1000) {
        self.status = status
        self.service = service
        self.key = key
        self.limit = limit
    }
}

/// An invocation as committed, for inspection.
package struct StoredInvocation: Sendable, Equatable {
    package var serial: InvocationSerial
    package var record: InvocationRecord
    /// Empty in listings.
    package var journal: [JournalEntry]

    package init(serial: InvocationSerial, record: InvocationRecord, journal: [JournalEntry] = []) {
        self.serial = serial
        self.record = record
        self.journal = journal
    }
}

package struct StoreSizes: Sendable, Equatable {
    package var databaseBytes: Int64
    package var walBytes: Int64

    package init(databaseBytes: Int64, walBytes: Int64) {
        self.databaseBytes = databaseBytes
        self.walBytes = walBytes
    }
}
