package import DurableModel

/// Failures of a step are counted one by one, over every crash; only a person makes the count begin anew.
package struct RetryCounters: Checker {
    package static let promise = "retry counters survive"

    private var steered: Set<InvocationID> = []

    package init() {}

    package mutating func before(_ event: TraceEvent, _ history: History, _ complain: (String) -> Void) {
        guard case .decided(let step) = event else { return }
        if case .command(.steer(let id, _), _, _) = step.input { steered.insert(id) }
        for case .startRun(let run) in step.turn.externalEffects {
            check(run.serial, run.entry, run.attempt, history, complain)
        }
    }

    private func check(
        _ serial: InvocationSerial, _ index: Int, _ attempt: Int, _ history: History, _ complain: (String) -> Void
    ) {
        guard let record = history.truth.invocations[serial], !steered.contains(record.acceptance.id) else { return }
        var failures = 0
        if case .run(let run) = history.truth.journal[serial]?[index]?.detail { failures = run.failedAttempts }
        if attempt != failures + 1 {
            complain("step \(index) of \(serial.rawValue) runs as number \(attempt) after \(failures) failures")
        }
    }

    package mutating func before(
        _ mutation: Mutation, of step: Decided, _ history: History, _ complain: (String) -> Void
    ) {
        guard case .updateEntry(let serial, let index, let entry) = mutation, case .run(let after) = entry.detail,
            case .run(let before) = history.truth.journal[serial]?[index]?.detail,
            let record = history.truth.invocations[serial], !steered.contains(record.acceptance.id)
        else { return }
        let growth = after.failedAttempts - before.failedAttempts
        if !(0...1).contains(growth) {
            complain(
                "step \(index) of \(serial.rawValue) counts \(after.failedAttempts) failures after "
                    + "\(before.failedAttempts)")
        }
    }
}
