import DurableModel

/// An invocation in memory. A class because exactly one copy may exist; it never leaves the engine.
final class Resident {
    let serial: InvocationSerial
    let accepted: Accepted
    /// nil while this server has no such handler.
    let handler: HandlerDescriptor?
    /// Virtual objects and workflows have state.
    let object: ObjectID?
    var progress: Progress
    var journal: [JournalEntry]
    var attempt: LiveAttempt?
    /// Executions of closures under way, as (entry, attempt); they outlive the handler attempt that began them.
    var runsInFlight: [RunInFlight] = []
    var isStored: Bool
    /// The last turn that changed it: it may leave memory once that one is durable.
    var lastTurn: Int64
    var awakeables: UInt32
    /// The highest rank that a result or a request to cancel has been given.
    var lastRank: Int
    /// The highest rank that a transactional step was promised.
    private var reservedRank = 0

    /// A class, because it is asked many times a turn.
    final class LiveAttempt {
        let epoch: Int64
        /// When it began, or was last heard of.
        var activeMs: Int64
        /// The next command's position in the journal.
        var cursor = 0
        var parked: Parked?
        /// Entries whose closure this attempt has handed to the runtime.
        var registeredRuns: Set<Int> = []
        /// Requests to cancel that this attempt has heard of.
        var cancelsSeen = 0
        var isReportedAsStuck = false
        /// Has begun to wait for calls, and nobody has looked yet whether they wait for it.
        var mayBeDeadlocked = false

        init(epoch: Int64, activeMs: Int64) {
            self.epoch = epoch
            self.activeMs = activeMs
        }
    }

    /// What a live attempt waits for.
    struct Parked {
        let waiting: Waiting
        /// Those of its entries that have not ended.
        var open: Set<Int>
        /// Whether the reply is the result of the only entry, or names the entry that decided.
        let wantsOutcome: Bool
        let sinceMs: Int64
    }

    struct RunInFlight {
        let entry: Int
        let attempt: Int
    }

    /// `object` is that of the target.
    init(
        serial: InvocationSerial, record: InvocationRecord, handler: HandlerDescriptor?, object: ObjectID?,
        journal: [JournalEntry] = [], isStored: Bool, lastTurn: Int64
    ) {
        self.serial = serial
        accepted = record.accepted
        self.handler = handler
        self.object = object
        progress = record.progress
        self.journal = journal
        self.isStored = isStored
        self.lastTurn = lastTurn
        awakeables = journal.reduce(into: 0) { count, entry in
            if case .awakeable = entry.command { count += 1 }
        }
        let lastCancelRank = record.progress.cancelRanks.last ?? 0
        lastRank = journal.reduce(lastCancelRank) { max($0, $1.completionRank) }
    }

    /// A rank for a result that is written down before the engine hears of it: far enough ahead that all results which
    /// arrive before it have lower ones. An entry has one result, so a journal cannot use up the distance.
    func reserveRank() -> Int {
        reservedRank = max(lastRank, reservedRank) + (1 << 24)
        return reservedRank
    }

    var acceptance: Acceptance { accepted.acceptance }
    var id: InvocationID { accepted.acceptance.id }
    var isCompleted: Bool { progress.status == .completed }
    var lane: ObjectID? { acceptance.kind == .exclusive ? object : nil }

    var attemptID: AttemptID? { attempt.map { AttemptID(serial: serial, epoch: $0.epoch) } }

    var isReplaying: Bool { (attempt?.cursor ?? 0) < journal.count }

    /// The signal index of the n-th awakeable (from 0): starts at a stored random offset of at least 17, so that an
    /// old id fits nothing new when a deterministic invocation id comes back.
    func signalIndex(ofAwakeable number: UInt32) -> UInt32 {
        17 + UInt32(truncatingIfNeeded: acceptance.seed >> 32) & 0x00FF_FFFF + number
    }
}
