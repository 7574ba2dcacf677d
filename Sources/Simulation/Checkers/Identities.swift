package import DurableModel

/// Serials never come back, and what changes exists.
package struct Identities: Checker {
    package static let promise = "an identity is used once"

    private var used: Set<InvocationSerial> = []
    private var fresh: [(turn: Int64, serial: InvocationSerial)] = []

    package init() {}

    package mutating func before(
        _ mutation: Mutation, of step: Decided, _ history: History, _ complain: (String) -> Void
    ) {
        switch mutation {
        case .insertInvocation(let serial, let record):
            if used.contains(serial) || history.truth.invocations[serial] != nil {
                complain("serial \(serial.rawValue) is given again, to \(record.acceptance.target.handler)")
            }
            fresh.append((step.turn.number, serial))
        case .updateInvocation(let serial, _):
            if history.truth.invocations[serial] == nil { complain("\(serial.rawValue) changes and does not exist") }
        default: break
        }
    }

    package mutating func after(_ event: TraceEvent, _ history: History, _ complain: (String) -> Void) {
        switch event {
        case .committed:
            for (turn, serial) in fresh where turn <= history.durableTurn { used.insert(serial) }
            fresh.removeAll { $0.turn <= history.durableTurn }
        case .crashed, .stopped: fresh = []
        default: break
        }
    }
}
