import DurableModel
import EngineCore

/// Handlers do not run away from the disk.
package struct SpeculationBound: Checker {
    package static let promise = "speculation stays within its bound"

    /// Turns with something to write that the engine does not know to be durable.
    private var ahead: [(turn: Int64, bytes: Int)] = []

    package init() {}

    package mutating func before(_ event: TraceEvent, _ history: History, _ complain: (String) -> Void) {
        switch event {
        case .booted: ahead = []
        case .decided(let step):
            if case .durable(let turn) = step.input { ahead.removeAll { $0.turn <= turn } }
            guard case .operation(let attempt, _) = step.input else { return }
            let appends = step.turn.mutations.contains { if case .insertEntry = $0 { true } else { false } }
            guard appends else { return }
            let bytes = ahead.reduce(0) { $0 + $1.bytes }
            if ahead.count >= history.limits.speculationTurnsMax || bytes >= history.limits.speculationBytesMax {
                complain(
                    "\(attempt.serial.rawValue) goes on with \(ahead.count) turns and \(bytes) bytes ahead of the disk")
            }
        default: break
        }
    }

    package mutating func after(_ event: TraceEvent, _ history: History, _ complain: (String) -> Void) {
        guard case .decided(let step) = event, !step.turn.mutations.isEmpty else { return }
        ahead.append((step.turn.number, step.turn.mutations.reduce(0) { $0 + $1.approximateBytes }))
    }
}
