/// What a caller outside asks of the engine, framing and JSON already stripped.
package enum ClientCommand: Sendable, Equatable {
    case invoke(InvokeCommand)
    /// Wait for the result.
    case attach(InvocationID)
    /// The result if there is one already.
    case output(InvocationID)
    case completeAwakeable(AwakeableID, Outcome)
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
