import DurableModel

extension InvocationStatus {
    /// As Restate's tables and its command line spell it.
    var shown: String { self == .backingOff ? "backing-off" : rawValue }
}

extension HandlerKind {
    fileprivate var serviceType: String {
        switch self {
        case .service: "service"
        case .exclusive, .shared: "virtual_object"
        case .workflowRun, .workflowShared: "workflow"
        }
    }
}

extension InvocationTarget {
    /// `Service/handler` or `Service/key/handler`.
    var text: String { key.map { "\(service)/\($0)/\(handler)" } ?? "\(service)/\(handler)" }
}

extension StoredInvocation {
    /// One row of a listing; names are those of Restate's `sys_invocation` where it has the column.
    var summary: [(name: String, value: JSONTree)] {
        let acceptance = record.acceptance
        let progress = record.progress
        return [
            ("id", .string(acceptance.id.text)),
            ("target", .string(acceptance.target.text)),
            ("target_service_name", .string(acceptance.target.service)),
            ("target_service_key", .optional(acceptance.target.key.map(JSONTree.string))),
            ("target_handler_name", .string(acceptance.target.handler)),
            ("target_service_ty", .string(acceptance.kind.serviceType)),
            ("idempotency_key", .optional(acceptance.idempotencyKey.map(JSONTree.string))),
            ("invoked_by", .optional(invokedBy)),
            ("status", .string(progress.status.shown)),
            ("created_at", .time(acceptance.createdAtMs)),
            ("scheduled_start_at", .time(acceptance.scheduledForMs)),
            ("completed_at", .time(progress.completedAtMs)),
            ("expires_at", .time(progress.expiresAtMs)),
            ("journal_size", .number(Int64(progress.journalLength))),
            ("retry_count", .number(Int64(progress.failedAttempts))),
            ("next_retry_at", .time(progress.nextAttemptMs)),
            ("last_failure", .optional(progress.lastFailure.map(JSONTree.string))),
            ("strikes", progress.strikes > 0 ? .number(Int64(progress.strikes)) : .absent),
        ] + completion
    }

    /// Everything that is known.
    var description: JSONTree {
        let acceptance = record.acceptance
        let headers = acceptance.headers.map { header in
            JSONTree.object([("name", .string(header.name)), ("value", .string(header.value))])
        }
        let entries = journal.isEmpty ? record.progress.packedJournal ?? [] : journal
        return .object(
            summary + [
                ("input", Payload.tree(acceptance.input)),
                ("headers", .array(headers)),
                ("output", .optional(record.progress.outcome.map(\.tree))),
                ("journal", .array(entries.enumerated().map { .object($1.members(index: $0)) })),
            ])
    }

    /// Absent when it cannot be told: a one-way send from a handler leaves no link.
    private var invokedBy: JSONTree? {
        if record.acceptance.parent != nil { return .string("service") }
        let cameByIngress = record.acceptance.headers.contains { $0.name == "x-restate-ingress-path" }
        return cameByIngress ? .string("ingress") : nil
    }

    private var completion: [(name: String, value: JSONTree)] {
        switch record.progress.outcome {
        case nil: []
        case .success: [("completion_result", .string("success"))]
        case .failure(let failure):
            [
                ("completion_result", .string("failure")),
                ("completion_failure", .string("[\(failure.code)] \(failure.message)")),
            ]
        }
    }
}

extension Outcome {
    var tree: JSONTree {
        switch self {
        case .success(let bytes): .object([("success", Payload.tree(bytes))])
        case .failure(let failure):
            .object([
                (
                    "failure",
                    .object([
                        ("code", .number(Int64(failure.code))), ("message", .string(failure.message)),
                        (
                            "metadata",
                            failure.metadata.isEmpty
                                ? .absent
                                : .array(
                                    failure.metadata.map {
                                        .object([("key", .string($0.name)), ("value", .string($0.value))])
                                    })
                        ),
                    ])
                )
            ])
        }
    }
}
