package struct HeaderField: Hashable, Sendable {
    package var name: String
    package var value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

package enum InvocationStatus: String, Sendable, CaseIterable {
    /// Waits for its due time.
    case scheduled
    /// Waits for its lane.
    case pending
    case running
    /// Waits for its next attempt after a failure.
    case backingOff
    /// Waits for a completion, its attempt has left memory.
    case suspended
    /// Waits for a person.
    case paused
    case completed
}

/// The journal entry of a caller that waits for this invocation's result.
package struct ParentLink: Hashable, Sendable {
    package var serial: InvocationSerial
    package var entry: Int

    package init(serial: InvocationSerial, entry: Int) {
        self.serial = serial
        self.entry = entry
    }
}

/// What is written once, when an invocation is accepted.
package struct Acceptance: Equatable, Sendable {
    package var id: InvocationID
    package var target: InvocationTarget
    package var kind: HandlerKind
    package var input: Bytes
    package var headers: [HeaderField]
    package var idempotencyKey: String?
    package var parent: ParentLink?
    package var createdAtMs: Int64
    /// Set for delayed sends.
    package var scheduledForMs: Int64?
    /// The source of the handler's randomness and of its first awakeable index.
    package var seed: UInt64
    /// The result is promised for its full retention (idempotency key, workflow run).
    package var isPromised: Bool

    package init(
        id: InvocationID, target: InvocationTarget, kind: HandlerKind, input: Bytes, headers: [HeaderField] = [],
        idempotencyKey: String? = nil, parent: ParentLink? = nil, createdAtMs: Int64, scheduledForMs: Int64? = nil,
        seed: UInt64, isPromised: Bool = false
    ) {
        self.id = id
        self.target = target
        self.kind = kind
        self.input = input
        self.headers = headers
        self.idempotencyKey = idempotencyKey
        self.parent = parent
        self.createdAtMs = createdAtMs
        self.scheduledForMs = scheduledForMs
        self.seed = seed
        self.isPromised = isPromised
    }
}

/// What changes while an invocation lives.
package struct Progress: Equatable, Sendable {
    package var status: InvocationStatus
    /// Position in its lane: grows in the order in which invocations asked for lanes. nil until it asked.
    package var laneOrder: Int64?
    /// Failed attempts since the last progress, for the invocation's retry policy.
    package var failedAttempts: Int
    /// When the first of them failed.
    package var firstFailureMs: Int64?
    package var nextAttemptMs: Int64?
    package var lastFailure: String?
    /// Times that it was resumed after an unclean stop without passing its last journaled position.
    package var strikes: Int
    /// Entries in the journal when it was packed into `packedJournal`, else the entries that have rows.
    package var journalLength: Int
    package var outcome: Outcome?
    package var completedAtMs: Int64?
    /// When the row may be deleted; set at completion.
    package var expiresAtMs: Int64?
    /// The journal of a completed invocation if it is small; nil while it has rows of its own.
    package var packedJournal: [JournalEntry]?
    /// Journal entries of further callers that met this invocation by its idempotency key and wait for its result.
    package var followers: [ParentLink] = []
    /// Requests to cancel, by their rank among the results that arrived (`JournalEntry.completionRank`).
    package var cancelRanks: [Int] = []
    /// How many of them have reached the handler.
    package var cancelsDelivered = 0
    /// What a suspended invocation waits for; nil when any result may wake it.
    package var waiting: Waiting?

    package init(status: InvocationStatus) {
        self.status = status
        failedAttempts = 0
        strikes = 0
        journalLength = 0
    }
}

/// An acceptance that many hold: from the turn that decides it to the row that is written of it.
package final class Accepted: Equatable, Sendable {
    package let acceptance: Acceptance
    /// Of what has no fixed size.
    package let approximateBytes: Int

    package init(_ acceptance: Acceptance) {
        self.acceptance = acceptance
        approximateBytes = acceptance.headers.reduce(acceptance.input.count) {
            $0 + 32 + $1.name.utf8.count + $1.value.utf8.count
        }
    }

    package static func == (a: Accepted, b: Accepted) -> Bool { a === b || a.acceptance == b.acceptance }
}

package struct InvocationRecord: Equatable, Sendable {
    package var accepted: Accepted
    package var progress: Progress

    package init(accepted: Accepted, progress: Progress) {
        self.accepted = accepted
        self.progress = progress
    }

    package init(acceptance: Acceptance, progress: Progress) {
        self.init(accepted: Accepted(acceptance), progress: progress)
    }

    @inlinable
    package var acceptance: Acceptance {
        get { accepted.acceptance }
        set { accepted = Accepted(newValue) }
    }
}
