/// What a handler asked for, in program order. Replay compares it with what the handler asks for again.
package enum Command: Hashable, Sendable {
    case getState(name: String)
    case getStateNames
    case setState(name: String, value: Bytes)
    case clearState(name: String)
    case clearAllState
    /// `policy` nil: the invocation's policy drives the retries.
    case run(name: String, policy: RetryPolicy?)
    /// Statements of the handler's author, executed together with the write of their result.
    case transaction(name: String, policy: RetryPolicy?)
    case call(target: InvocationTarget, input: Bytes, idempotencyKey: String?)
    case send(target: InvocationTarget, input: Bytes, delayMs: Int64?, idempotencyKey: String?)
    case sleep(durationMs: Int64)
    case awakeable
    case completeAwakeable(AwakeableID, Outcome)
    case now
    /// Waits for a durable promise of the workflow.
    case getPromise(name: String)
    case peekPromise(name: String)
    case completePromise(name: String, Outcome)
    /// Waits for the result of another invocation.
    case attach(InvocationID)
    /// The result of another invocation if there is one already.
    case getOutput(InvocationID)
    case cancel(InvocationID)
    /// Code that a later version brought in: journals that pass here anew go through it.
    case patch(id: String)
}

/// What came back for a command. Immediate commands get theirs in the turn that appends them.
package enum Completion: Hashable, Sendable {
    case done
    /// A state value, nil when the name was unset.
    case value(Bytes?)
    case names([String])
    case time(Int64)
    /// The result of a run, call, attach, awakeable or promise.
    case outcome(Outcome)
    /// A result that is there already, or nil.
    case outcomeSoFar(Outcome?)
    /// A sleep that has passed.
    case elapsed
}

package struct JournalEntry: Hashable, Sendable {
    package var command: Command
    package var completion: Completion?
    package var detail: EntryDetail
    /// Grows in the order in which results arrived at the invocation, from 1; 0 for what had its result at once. Replay
    /// gives "the first of several" by it.
    package var completionRank = 0

    package init(_ command: Command, completion: Completion? = nil, detail: EntryDetail = .none) {
        self.command = command
        self.completion = completion
        self.detail = detail
    }
}

/// What the engine decided when it appended the command, or learned since.
package enum EntryDetail: Hashable, Sendable {
    case none
    case run(RunProgress)
    /// The invocation that a call or send created or met.
    case child(InvocationSerial, InvocationID)
    /// When a sleep is over.
    case due(Int64)
    /// The signal index of an awakeable.
    case signal(UInt32)
}

/// The failures of one `run` so far; durable, so that a crash resets no counter.
package struct RunProgress: Hashable, Sendable {
    package var failedAttempts: Int
    package var firstFailureMs: Int64?
    package var nextAttemptMs: Int64?
    package var lastFailure: String?

    package init(
        failedAttempts: Int = 0, firstFailureMs: Int64? = nil, nextAttemptMs: Int64? = nil, lastFailure: String? = nil
    ) {
        self.failedAttempts = failedAttempts
        self.firstFailureMs = firstFailureMs
        self.nextAttemptMs = nextAttemptMs
        self.lastFailure = lastFailure
    }
}
