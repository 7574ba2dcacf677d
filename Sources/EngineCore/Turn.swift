package import DurableModel

/// What one step decided: mutations to write down, effects to perform, events to log, entities to load. Turns have
/// one total order, and what is external waits until this turn and every turn before it is durable.
package struct Turn: Sendable, Equatable {
    package var number: Int64
    package var mutations: [Mutation] = []
    /// Performed at once, in order.
    package var internalEffects: [InternalEffect] = []
    /// Performed only after the commit.
    package var externalEffects: [ExternalEffect] = []
    package var loads: [LoadKey] = []
    /// For the log; said after the commit, like everything external.
    package var events: [EngineEvent] = []

    package init(number: Int64) { self.number = number }

    /// Keeps the memory of what was of usual size.
    mutating func clear() {
        Self.clear(&mutations)
        Self.clear(&internalEffects)
        Self.clear(&externalEffects)
        Self.clear(&loads)
        Self.clear(&events)
    }

    private static func clear<Element>(_ list: inout [Element]) {
        if !list.isEmpty { list.removeAll(keepingCapacity: list.capacity <= usualCapacity) }
    }

    private static let usualCapacity = 64

    /// Something of this turn has to wait for the disk.
    package var concernsDisk: Bool { !mutations.isEmpty || !externalEffects.isEmpty || !events.isEmpty }
}

package enum InternalEffect: Sendable, Equatable {
    case resume(AttemptID, OperationReply)
    case start(AttemptStart)
    /// The attempt is over whatever it does: its parked operation throws `AttemptEnded`.
    case end(AttemptID)
    /// There is no room for what the caller wants; nothing of it was recorded.
    case refuse(CallerToken, Refusal)
    /// No closure of this invocation is wanted any more.
    case forgetRuns(InvocationSerial)
}

package enum ExternalEffect: Sendable, Equatable {
    case answer(CallerToken, ClientReply)
    /// Executes the closure that the live attempt registered for this entry.
    case startRun(RunID)
    /// An attempt after an unclean stop: its strike must be on disk before it may crash the process again.
    case start(AttemptStart)
    case log(InvocationID, LoggedLine)
    case publish(Publication)
}

package struct AttemptStart: Sendable, Equatable {
    package var attempt: AttemptID
    package var accepted: Accepted

    package init(attempt: AttemptID, accepted: Accepted) {
        self.attempt = attempt
        self.accepted = accepted
    }

    package var acceptance: Acceptance { accepted.acceptance }
}

package enum OperationReply: Sendable, Equatable {
    case done
    case value(Bytes?)
    case names([String])
    case time(Int64)
    case started(entry: Int)
    case call(entry: Int, InvocationID)
    case sent(InvocationID)
    case awakeable(entry: Int, AwakeableID)
    case outcome(Outcome)
    case outcomeSoFar(Outcome?)
    /// The entry that decided a `select`; nil when nothing had to be decided.
    case settled(entry: Int?)
    case flag(Bool)
    /// `AttemptEnded`.
    case ended
}

/// What a person may want to read in the log.
package enum EngineEvent: Sendable, Equatable {
    case paused(InvocationID, reason: String)
    case attemptFailed(InvocationID, reason: String, retryInMs: Int64)
    case runFailed(InvocationID, step: String, reason: String, retryInMs: Int64)
    case resumedAlone(InvocationID, strikes: Int)
    case unreadable(InvocationSerial, reason: String)
    /// An attempt that for so long has neither asked for anything nor returned.
    case stuck(InvocationID, InvocationTarget, forMs: Int64)
}
