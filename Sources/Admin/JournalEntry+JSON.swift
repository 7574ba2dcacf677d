import DurableModel

extension JournalEntry {
    /// One entry; types are named as in Restate's `sys_journal` where it has the command.
    func members(index: Int) -> [(name: String, value: JSONTree)] {
        [
            ("index", .number(Int64(index))),
            ("entry_type", .string("Command: " + command.type)),
            ("name", .string(command.name)),
            ("completed", .bool(completion != nil)),
        ] + command.members + detail.members + [("result", .optional(completion.flatMap(\.tree)))]
    }
}

extension Command {
    fileprivate var type: String {
        switch self {
        case .getState: "GetEagerState"
        case .getStateNames: "GetEagerStateKeys"
        case .setState: "SetState"
        case .clearState: "ClearState"
        case .clearAllState: "ClearAllState"
        case .run: "Run"
        case .transaction: "Transaction"
        case .call: "Call"
        case .send: "OneWayCall"
        case .sleep: "Sleep"
        case .awakeable: "Awakeable"
        case .completeAwakeable: "CompleteAwakeable"
        case .now: "Now"
        case .getPromise: "GetPromise"
        case .peekPromise: "PeekPromise"
        case .completePromise: "CompletePromise"
        case .attach: "AttachInvocation"
        case .getOutput: "GetInvocationOutput"
        case .cancel: "SendSignal"
        case .patch: "Patch"
        }
    }

    /// What the handler's author called it; empty when it has no name.
    fileprivate var name: String {
        switch self {
        case .getState(let name), .setState(let name, _), .clearState(let name), .run(let name, _),
            .transaction(let name, _), .getPromise(let name), .peekPromise(let name), .completePromise(let name, _),
            .patch(let name):
            name
        default: ""
        }
    }

    fileprivate var members: [(name: String, value: JSONTree)] {
        switch self {
        case .setState(_, let value): [("value", Payload.tree(value))]
        case .call(let target, let input, let idempotencyKey):
            Self.invocation(target, input, idempotencyKey)
        case .send(let target, let input, let delayMs, let idempotencyKey):
            Self.invocation(target, input, idempotencyKey) + [("delay_ms", .optional(delayMs.map(JSONTree.number)))]
        case .sleep(let durationMs): [("duration_ms", .number(durationMs))]
        case .completeAwakeable(let id, let outcome): [("id", .string(id.text)), ("value", outcome.tree)]
        case .completePromise(_, let outcome): [("value", outcome.tree)]
        case .attach(let id), .getOutput(let id), .cancel(let id): [("invocation_id", .string(id.text))]
        case .getState, .getStateNames, .clearState, .clearAllState, .run, .transaction, .awakeable, .now, .getPromise,
            .peekPromise, .patch:
            []
        }
    }

    private static func invocation(
        _ target: InvocationTarget, _ input: Bytes, _ idempotencyKey: String?
    ) -> [(name: String, value: JSONTree)] {
        [
            ("target", .string(target.text)), ("input", Payload.tree(input)),
            ("idempotency_key", .optional(idempotencyKey.map(JSONTree.string))),
        ]
    }
}

extension EntryDetail {
    fileprivate var members: [(name: String, value: JSONTree)] {
        switch self {
        case .none: []
        case .run(let progress):
            [
                ("retry_count", .number(Int64(progress.failedAttempts))),
                ("first_failure_at", .time(progress.firstFailureMs)),
                ("next_retry_at", .time(progress.nextAttemptMs)),
                ("last_failure", .optional(progress.lastFailure.map(JSONTree.string))),
            ]
        case .child(_, let id): [("invocation_id", .string(id.text))]
        case .due(let timeMs): [("wake_up_time", .time(timeMs))]
        case .signal(let index): [("signal_index", .number(Int64(index)))]
        }
    }
}

extension Completion {
    /// nil when there is nothing to tell but that it is complete.
    fileprivate var tree: JSONTree? {
        switch self {
        case .done, .elapsed: nil
        case .value(nil): .string("Void")
        case .value(.some(let bytes)): .object([("success", Payload.tree(bytes))])
        case .names(let names): .array(names.map(JSONTree.string))
        case .time(let timeMs): .time(timeMs)
        case .outcome(let outcome): outcome.tree
        case .outcomeSoFar(let outcome): outcome?.tree ?? .string("Void")
        }
    }
}
