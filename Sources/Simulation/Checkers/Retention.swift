package import DurableModel

/// Deletion takes what has expired, what nobody was promised, and what a person said, and nothing else.
package struct Retention: Checker {
    package static let promise = "retention never deletes what was promised"

    private var purged: Set<InvocationID> = []
    private var withdrawn: Set<InvocationID> = []

    package init() {}

    package mutating func before(_ event: TraceEvent, _ history: History, _ complain: (String) -> Void) {
        guard case .decided(let step) = event, case .command(.steer(let id, .purge), _, _) = step.input else { return }
        purged.insert(id)
    }

    package mutating func before(
        _ mutation: Mutation, of step: Decided, _ history: History, _ complain: (String) -> Void
    ) {
        switch mutation {
        case .deleteInvocation(let serial):
            if let record = history.truth.invocations[serial] { judge(record, serial, step, history, complain) }
        case .updateInvocation(let serial, let progress):
            guard let old = history.truth.invocations[serial]?.progress, old.status == .completed else { return }
            if progress.outcome != old.outcome || progress.expiresAtMs != old.expiresAtMs {
                complain("the result of \(serial.rawValue) changes after its end")
            }
        default: break
        }
    }

    private func judge(
        _ record: InvocationRecord, _ serial: InvocationSerial, _ step: Decided, _ history: History,
        _ complain: (String) -> Void
    ) {
        switch record.progress.status {
        case .completed:
            let hasExpired = (record.progress.expiresAtMs ?? .max) <= history.clockMs
            if hasExpired || purged.contains(record.acceptance.id) { return }
            if record.acceptance.isPromised {
                return complain("\(serial.rawValue) is deleted before the time that its result was promised for")
            }
            let kept = history.truth.invocations.values.count(where: isKept) + completions(in: step, history)
            if kept <= history.limits.retainedUnpromisedMax {
                complain("\(serial.rawValue) is deleted early although only \(kept) results are kept")
            }
        case .scheduled, .pending: break
        case .running, .backingOff, .suspended, .paused:
            complain("\(serial.rawValue) is deleted while it is \(record.progress.status.rawValue)")
        }
    }

    private func isKept(_ record: InvocationRecord) -> Bool {
        record.progress.status == .completed && !record.acceptance.isPromised
    }

    /// What a turn completes stands at its end, although it may have made what it deletes superfluous.
    private func completions(in step: Decided, _ history: History) -> Int {
        step.turn.mutations.count { mutation in
            switch mutation {
            case .insertInvocation(let serial, let record):
                isKept(record) && history.truth.invocations[serial] == nil
            case .updateInvocation(let serial, let progress):
                history.truth.invocations[serial].map { old in
                    progress.status == .completed && old.progress.status != .completed && !old.acceptance.isPromised
                } ?? false
            default: false
            }
        }
    }
}
