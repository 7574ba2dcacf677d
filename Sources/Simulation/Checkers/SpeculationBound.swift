import DurableModel

/// Handlers do not run away from the disk.
package struct SpeculationBound: Checker {
    package static let promise = "speculation stays within its bound"

    /// Turns with something to write that the engine does not know to be durable.
    private var ahead: [Int64] = []

    package init() {}

    package mutating func before(_ event: TraceEvent, _ history: History, _ complain: (String) -> Void) {
        switch event {
        case .booted: ahead = []
        case .decided(let step):
            if case .durable(let turn) = step.input { ahead.removeAll { $0 <= turn } }
            guard case .operation(let attempt, _) = step.input else { return }
            let appends = step.turn.mutations.contains { if case .insertEntry = $0 { true } else { false } }
            if appends, ahead.count >= history.limits.speculationTurnsMax {
                complain("\(attempt.serial.rawValue) goes on with \(ahead.count) turns ahead of the disk")
            }
        default: break
        }
    }

    package mutating func after(_ event: TraceEvent, _ history: History, _ complain: (String) -> Void) {
        if case .decided(let step) = event, !step.turn.mutations.isEmpty { ahead.append(step.turn.number) }
    }
}
