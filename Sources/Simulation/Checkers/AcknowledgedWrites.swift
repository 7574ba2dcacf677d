package import DurableModel

/// What a caller was told is on disk, and stays there as long as it was promised.
package struct AcknowledgedWrites: Checker {
    package static let promise = "no acknowledged write is lost"

    private struct Said {
        let id: InvocationID
        let outcome: Outcome?
    }

    /// What was said of which invocation.
    private var said: [InvocationSerial: Said] = [:]
    /// Outcomes that were said of an id, whichever invocation had it then.
    private var heard: [String: [Outcome]] = [:]
    /// Ids of which it was said that there is no such invocation.
    private var disowned: Set<String> = []
    /// Deletion is a decision like any other; `Retention` judges it.
    private var deleted: Set<InvocationID> = []

    package init() {}

    package mutating func before(
        _ mutation: Mutation, of step: Decided, _ history: History, _ complain: (String) -> Void
    ) {
        guard case .deleteInvocation(let serial) = mutation else { return }
        if let id = history.truth.invocations[serial]?.acceptance.id { deleted.insert(id) }
        said[serial] = nil
    }

    package mutating func before(_ event: TraceEvent, _ history: History, _ complain: (String) -> Void) {
        switch event {
        case .performed(.answer(.result(let id, let outcome, _)), _): hear(id, outcome, history, complain)
        case .performed(.answer(.accepted(let id, _, _)), _):
            guard let serial = history.durable.serial(of: id) else {
                if !deleted.contains(id) { complain("\(id.text) is answered as accepted and is not on disk") }
                return
            }
            guard said[serial] == nil, history.truth.invocations[serial] != nil else { return }
            said[serial] = Said(id: id, outcome: nil)
        case .performed(.answer(.unknown(let id)), _):
            disowned.insert(id.text)
            // What was deleted before this was decided is not among them any more.
            if said.values.contains(where: { $0.id == id }) {
                complain("\(id.text) was acknowledged, and now the server says that there is no such invocation")
            }
        case .answered(_, let answer): compare(answer, complain)
        case .booted(_, let disk):
            for (serial, fact) in said { check(serial, fact, disk, complain) }
        default: break
        }
    }

    private mutating func hear(
        _ id: InvocationID, _ outcome: Outcome, _ history: History, _ complain: (String) -> Void
    ) {
        heard[id.text, default: []].append(outcome)
        // A workflow's second call hears of a conflict, which belongs to no invocation.
        if case .failure(let failure) = outcome, failure.code == 409 { return }
        guard let serial = history.durable.serial(of: id) else {
            if !deleted.contains(id) { complain("\(id.text) is answered with a result and is not on disk") }
            return
        }
        let stored = history.durable.invocations[serial]?.progress.outcome
        if stored != outcome, !deleted.contains(id) {
            complain("\(id.text) is answered with \(outcome), on disk is \(stored.map { "\($0)" } ?? "no result")")
        }
        if let earlier = said[serial]?.outcome, earlier != outcome {
            complain("\(id.text) is answered with \(outcome) after \(earlier)")
        }
        // Its deletion may be decided already, and on its way to the disk.
        if history.truth.invocations[serial] != nil { said[serial] = Said(id: id, outcome: outcome) }
    }

    private func compare(_ answer: Answer, _ complain: (String) -> Void) {
        guard answer.status != 202, let id = answer.invocationID else { return }
        let isKnown = heard[id]?.contains { outcome in
            switch outcome {
            case .success(let body): answer.status == 200 && body == answer.body
            case .failure(let failure): answer.status == failure.code && answer.text.contains(failure.message)
            }
        } ?? false
        let isDisowned = answer.status == 404 && disowned.contains(id)
        guard !isKnown, !isDisowned else { return }
        complain("a client reads \(answer.text) as the result of \(id), which the server never said")
    }

    private func check(
        _ serial: InvocationSerial, _ fact: Said, _ disk: DiskImage, _ complain: (String) -> Void
    ) {
        guard let record = disk.invocations[serial] else {
            return complain("\(fact.id.text) was acknowledged and is not there after a start")
        }
        if let outcome = fact.outcome, record.progress.outcome != outcome {
            complain("\(fact.id.text) was answered with \(outcome) and has another result after a start")
        }
    }
}
