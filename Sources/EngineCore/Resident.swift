import DurableModel

/// An invocation in memory. A class because exactly one copy may exist; it never leaves the engine.
final class Resident {
    let serial: InvocationSerial
    let acceptance: Acceptance
    var progress: Progress
    var journal: [JournalEntry]
    var attempt: LiveAttempt?
    /// Executions of closures under way, as (entry, attempt); they outlive the handler attempt that began them.
    var runsInFlight: [RunInFlight] = []
    var isStored: Bool
    /// The last turn that changed it: it may leave memory once that one is durable.
    var lastTurn: Int64
    var awakeables: UInt32

    struct LiveAttempt {
        let epoch: Int64
        /// The next command's position in the journal.
        var cursor = 0
        var waitsFor: Int?
        /// Entries whose closure this attempt has handed to the runtime.
        var registeredRuns: Set<Int> = []
    }

    struct RunInFlight {
        let entry: Int
        let attempt: Int
    }

    init(
        serial: InvocationSerial, record: InvocationRecord, journal: [JournalEntry] = [], isStored: Bool,
        lastTurn: Int64
    ) {
        self.serial = serial
        acceptance = record.acceptance
        progress = record.progress
        self.journal = journal
        self.isStored = isStored
        self.lastTurn = lastTurn
        awakeables = journal.reduce(into: 0) { count, entry in
            if case .awakeable = entry.command { count += 1 }
        }
    }

    var id: InvocationID { acceptance.id }
    var isCompleted: Bool { progress.status == .completed }
    var lane: ObjectID? { acceptance.kind == .exclusive ? acceptance.target.object : nil }
    /// Virtual objects and workflows have state.
    var object: ObjectID? { acceptance.target.object }

    var attemptID: AttemptID? { attempt.map { AttemptID(serial: serial, epoch: $0.epoch) } }

    var isReplaying: Bool { (attempt?.cursor ?? 0) < journal.count }

    /// The signal index of the n-th awakeable (from 0): starts at a stored random offset of at least 17, so that an
    /// old id fits nothing new when a deterministic invocation id comes back.
    func signalIndex(ofAwakeable number: UInt32) -> UInt32 {
        17 + UInt32(truncatingIfNeeded: acceptance.seed >> 32) & 0x00FF_FFFF + number
    }
}

/// The state of one object or workflow in memory, complete.
final class ResidentObject {
    private(set) var values: [ExactText: Bytes]
    var bytes: Int
    var lastTurn: Int64

    init(_ stored: [StateValue]) {
        values = Dictionary(stored.map { (ExactText($0.name), $0.value) }, uniquingKeysWith: { _, last in last })
        bytes = stored.reduce(0) { $0 + $1.name.utf8.count + $1.value.count }
        lastTurn = 0
    }

    func set(_ name: String, _ value: Bytes) {
        clear(name)
        values[ExactText(name)] = value
        bytes += name.utf8.count + value.count
    }

    func clear(_ name: String) {
        guard let old = values.removeValue(forKey: ExactText(name)) else { return }
        bytes -= name.utf8.count + old.count
    }

    func value(_ name: String) -> Bytes? { values[ExactText(name)] }

    var sortedNames: [String] { values.keys.sorted().map(\.text) }
}
