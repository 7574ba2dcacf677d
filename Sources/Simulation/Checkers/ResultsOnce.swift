package import DurableModel

/// What a journal entry got is recorded once, and the result of a step is one that its closure gave.
package struct ResultsOnce: Checker {
    package static let promise = "no result is recorded twice"

    private struct Step: Hashable {
        let invocation: String
        let name: String
    }

    private var given: [Step: Set<Bytes>] = [:]
    /// Which entry recorded a result, durable or not.
    private var takenBy: [Bytes: InvocationSerial] = [:]

    package init() {}

    package mutating func before(_ event: TraceEvent, _ history: History, _ complain: (String) -> Void) {
        switch event {
        case .closureEnded(let invocation, let step, let result):
            given[Step(invocation: invocation, name: step), default: []].insert(Array("\"\(result)\"".utf8))
        case .performed(.run(let run), _):
            if history.durable.journal[run.serial]?[run.entry]?.completion != nil {
                complain("step \(run.entry) of \(run.serial.rawValue) is executed again although its result is on disk")
            }
        case .crashed: takenBy = [:]
        default: break
        }
    }

    package mutating func before(
        _ mutation: Mutation, of step: Decided, _ history: History, _ complain: (String) -> Void
    ) {
        switch mutation {
        case .insertEntry(let serial, let index, let entry):
            if history.truth.journal[serial]?[index] != nil {
                complain("entry \(index) of \(serial.rawValue) is appended twice: \(entry.command)")
            }
        case .updateEntry(let serial, let index, let entry):
            guard let old = history.truth.journal[serial]?[index] else {
                return complain("entry \(index) of \(serial.rawValue) changes and does not exist")
            }
            if let completion = old.completion, completion != entry.completion {
                complain(
                    "entry \(index) of \(serial.rawValue) has \(completion) and is given "
                        + "\(entry.completion.map { "\($0)" } ?? "nothing")")
            }
            checkStep(entry, serial, isNew: old.completion == nil, history, complain)
        default: break
        }
    }

    private mutating func checkStep(
        _ entry: JournalEntry, _ serial: InvocationSerial, isNew: Bool, _ history: History,
        _ complain: (String) -> Void
    ) {
        guard isNew, case .run(let name, _) = entry.command, case .outcome(.success(let bytes)) = entry.completion,
            !bytes.isEmpty, let id = history.truth.invocations[serial]?.acceptance.id,
            let results = given[Step(invocation: id.text, name: name)]
        else { return }
        let text = String(decoding: bytes, as: UTF8.self)
        if !results.contains(bytes) {
            complain("\(name) of \(serial.rawValue) records \(text), which its closure never gave")
        }
        if let other = takenBy.updateValue(serial, forKey: bytes), other != serial {
            complain("\(name) of \(serial.rawValue) records \(text), which is the result of \(other.rawValue)")
        }
    }
}
