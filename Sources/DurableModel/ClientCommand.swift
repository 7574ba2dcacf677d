/// What a caller outside asks of the engine, framing and JSON already stripped.
package enum ClientCommand: Sendable, Equatable {
    case invoke(InvokeCommand)
    /// Wait for the result.
    case attach(InvocationID)
    /// The result if there is one already.
    case output(InvocationID)
    case completeAwakeable(AwakeableID, Outcome)
    /// What a person does to an invocation.
    case steer(InvocationID, Steering)
}

package enum Steering: Hashable, Sendable {
    /// The next wait of the handler throws, so that it can undo what it did; what has not begun is taken back.
    case cancel
    /// Ends at once, with everything that it called or sent.
    case kill
    /// Deletes a completed invocation, a workflow with its state and promises.
    case purge
    /// Deletes the journal of a completed invocation and keeps its result.
    case purgeJournal
    case pause
    /// Goes on now, whatever it waited for.
    case resume
    /// Runs a completed invocation again under a new id. The new one keeps the first `keptEntries` entries of the
    /// journal.
    case restartAsNew(keptEntries: Int)
}

/// What became of a `Steering`. Statuses as in Restate's admin API.
package enum SteeringResult: Sendable, Equatable {
    case done
    /// It will happen when the handler comes to it.
    case requested
    case restarted(InvocationID)
    case unknown
    /// It is in no state for that, and never will be again or not without another step.
    case conflict(String)
    /// It has not begun yet.
    case tooEarly(String)
    /// Invocations of this kind cannot be steered so.
    case unsupported(String)
    /// What it takes has been deleted.
    case gone(String)
    case invalid(String)
}

package struct InvokeCommand: Sendable, Equatable {
    package enum Mode: Sendable, Equatable {
        case call
        /// One way; `delayMs` nil starts at once, 0 is "scheduled for now".
        case send(delayMs: Int64?)
    }

    package var target: InvocationTarget
    package var mode: Mode
    package var input: Bytes
    package var headers: [HeaderField]
    package var idempotencyKey: String?
    /// A call of a workflow that has run already gets that run's result instead of a conflict.
    package var attachesToWorkflow = false

    package init(
        target: InvocationTarget, mode: Mode, input: Bytes, headers: [HeaderField] = [], idempotencyKey: String? = nil
    ) {
        self.target = target
        self.mode = mode
        self.input = input
        self.headers = headers
        self.idempotencyKey = idempotencyKey
    }
}

/// What the engine answers to a `ClientCommand`. Everything said here is durable when it is delivered.
package enum ClientReply: Sendable, Equatable {
    /// `expiresAtMs` is set when a stored result is replayed, nil for those who waited for it.
    case result(InvocationID, Outcome, expiresAtMs: Int64?)
    /// `executionTimeMs` is set while the invocation is scheduled or queued and has a scheduled time.
    case accepted(InvocationID, executionTimeMs: Int64?, isNew: Bool)
    /// `output` of an invocation that has not ended.
    case notCompleted(InvocationID)
    /// `attach` or `output` of an id that is unknown, purged or expired.
    case unknown(InvocationID)
    case awakeableTaken
    case steered(SteeringResult)
    /// The server cannot take more at the moment; nothing was recorded.
    case refused(Refusal)
}

package struct Refusal: Sendable, Equatable {
    /// 429 or 503.
    package var status: Int
    package var message: String
    package var retryAfterSeconds: Int

    package init(status: Int, message: String, retryAfterSeconds: Int) {
        self.status = status
        self.message = message
        self.retryAfterSeconds = retryAfterSeconds
    }
}

extension Refusal {
    /// The disk takes nothing at the moment.
    package static func stuck(_ reason: String) -> Refusal {
        Refusal(status: 503, message: "nothing can be recorded now: \(reason)", retryAfterSeconds: 5)
    }
}
