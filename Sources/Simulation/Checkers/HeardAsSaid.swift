package import DurableModel
import EngineCore

/// What comes back to a handler is what somebody has said: results of others, awakeables, promises.
package struct HeardAsSaid: Checker {
    package static let promise = "whoever waits hears what was said"

    /// What was said to each awakeable, by callers and handlers.
    private var said: [AwakeableID: [Outcome]] = [:]
    /// Entries that were given a result in the turn that is being told.
    private var heard: [(serial: InvocationSerial, index: Int)] = []
    private var withdrawn: Set<InvocationSerial> = []

    package init() {}

    package mutating func before(_ event: TraceEvent, _ history: History, _ complain: (String) -> Void) {
        guard case .decided(let step) = event else { return }
        heard = []
        if case .command(.completeAwakeable(let id, let outcome), _, _) = step.input { say(outcome, to: id) }
    }

    private mutating func say(_ outcome: Outcome, to id: AwakeableID) {
        if said[id]?.contains(outcome) != true { said[id, default: []].append(outcome) }
    }

    package mutating func before(
        _ mutation: Mutation, of step: Decided, _ history: History, _ complain: (String) -> Void
    ) {
        switch mutation {
        case .insertEntry(let serial, let index, let entry):
            if case .completeAwakeable(let id, let outcome) = entry.command { say(outcome, to: id) }
            if entry.completion != nil, !isTrueAlready(entry, history) { heard.append((serial, index)) }
        case .updateEntry(let serial, let index, let entry):
            if entry.completion != nil, history.truth.journal[serial]?[index]?.completion == nil {
                heard.append((serial, index))
            }
        // Entries that come with it are those that a restart has kept of another's journal.
        case .insertInvocation(let serial, _): heard.removeAll { $0.serial == serial }
        case .deleteInvocation(let serial): withdrawn.insert(serial)
        default: break
        }
    }

    /// Whoever looks for an invocation that begins later in the same turn does not see it.
    private func isTrueAlready(_ entry: JournalEntry, _ history: History) -> Bool {
        guard case .getOutput(let id) = entry.command, case .outcomeSoFar(.failure(let failure)) = entry.completion
        else { return false }
        return failure.code == 404 && history.truth.serial(of: id) == nil
    }

    /// Whoever has ended in this turn has its outcome by now.
    package mutating func after(_ event: TraceEvent, _ history: History, _ complain: (String) -> Void) {
        for (serial, index) in heard {
            guard let record = history.truth.invocations[serial] else { continue }
            let entry = history.truth.journal[serial]?[index] ?? record.progress.packedJournal?.at(index)
            if let entry { judge(entry, "entry \(index) of \(serial.rawValue)", record.acceptance, history, complain) }
        }
        heard = []
    }

    private func judge(
        _ entry: JournalEntry, _ name: String, _ acceptance: Acceptance, _ history: History,
        _ complain: (String) -> Void
    ) {
        switch (entry.command, entry.detail, entry.completion) {
        case (.call, .child(let callee, _), .outcome(let outcome)),
            (.attach, .child(let callee, _), .outcome(let outcome)):
            judge(outcome, of: callee, name, history, complain)
        case (.getOutput(let id), _, .outcomeSoFar(let outcome)):
            judge(outcome, of: id, name, history, complain)
        case (.awakeable, .signal(let signal), .outcome(let outcome)):
            let id = AwakeableID(invocation: acceptance.id, index: signal)
            if said[id]?.contains(outcome) != true {
                complain("\(name) hears \(outcome), which nobody said to \(id.text)")
            }
        case (.getPromise(let promise), _, .outcome(let outcome)):
            let stored = acceptance.target.object.flatMap { history.truth.promises[$0]?[promise]?.outcome }
            if stored != outcome { complain("\(name) hears \(outcome) of promise \(promise), which holds another") }
        default: break
        }
    }

    private func judge(
        _ outcome: Outcome, of callee: InvocationSerial, _ name: String, _ history: History,
        _ complain: (String) -> Void
    ) {
        if history.truth.invocations[callee]?.progress.outcome == outcome { return }
        guard case .failure(let failure) = outcome, failure.code == 409 else {
            return complain("\(name) hears \(outcome) of \(callee.rawValue), which never said so")
        }
        // Not the callee's own: it was taken back, the call closed a cycle, or a workflow has had its one run.
        let isTakenBack = withdrawn.contains(callee) && ["canceled", "killed"].contains(failure.message)
        let isConflict = failure.message == "the workflow method was already invoked"
        if !isTakenBack, !isConflict, !failure.isDeadlock {
            complain("\(name) hears \(failure.message) of \(callee.rawValue), which never said so")
        }
    }

    private func judge(
        _ outcome: Outcome?, of id: InvocationID, _ name: String, _ history: History, _ complain: (String) -> Void
    ) {
        let serial = history.truth.serial(of: id)
        if serial == nil, case .failure(let failure) = outcome, failure.code == 404 { return }
        let stored = serial.flatMap { history.truth.invocations[$0]?.progress.outcome }
        if serial == nil || stored != outcome {
            complain("\(name) sees \(outcome.map { "\($0)" } ?? "no result yet") of \(id.text), which has another")
        }
    }
}

extension [JournalEntry] {
    fileprivate func at(_ index: Int) -> JournalEntry? { indices.contains(index) ? self[index] : nil }
}
