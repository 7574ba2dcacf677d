package import DurableModel

/// A handler reads what was last written to its object, by whomever.
package struct ReadsSeeWrites: Checker {
    package static let promise = "a read sees the last write"

    package init() {}

    package mutating func before(
        _ mutation: Mutation, of step: Decided, _ history: History, _ complain: (String) -> Void
    ) {
        guard case .insertEntry(let serial, _, let entry) = mutation else { return }
        guard let object = history.truth.invocations[serial]?.acceptance.target.object else { return }
        switch (entry.command, entry.completion) {
        case (.getState(let name), .value(let value)):
            let stored = history.truth.state[object]?[name]
            if stored != value {
                complain(
                    "\(serial.rawValue) reads \(text(value)) as \(name) of \(object.key), written is \(text(stored))")
            }
        case (.getStateNames, .names(let names)):
            let stored = (history.truth.state[object] ?? [:]).keys.sorted()
            if stored != names { complain("\(serial.rawValue) lists \(names) of \(object.key), written are \(stored)") }
        case (.peekPromise(let name), .outcomeSoFar(let outcome)):
            let stored = history.truth.promises[object]?[name]?.outcome
            if stored != outcome { complain("\(serial.rawValue) peeks at \(name) of \(object.key) and sees another") }
        default: break
        }
    }

    private func text(_ bytes: Bytes?) -> String { bytes.map { String(decoding: $0, as: UTF8.self) } ?? "nothing" }
}
