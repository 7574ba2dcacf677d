/// What a run of many seeds has met, and what it must have met to mean anything.
package struct Coverage: Sendable {
    package private(set) var faults: [FaultKind: Int] = [:]
    package private(set) var commands: [String: Int] = [:]

    package init() {}

    package mutating func add(_ figures: SimulationRun.Figures) {
        faults.merge(figures.faults) { $0 + $1 }
        commands.merge(figures.commands) { $0 + $1 }
    }

    /// What handlers and callers can ask.
    package static let commandFloor = [
        "awakeable", "attach", "call", "cancel", "clearAllState", "clearState", "completeAwakeable", "completePromise",
        "getOutput", "getPromise", "getState", "getStateNames", "now", "patch", "peekPromise", "run", "send",
        "setState", "sleep", "client attach", "client completeAwakeable", "client invoke", "client output",
        "client steer",
    ]

    /// What never occurred.
    package var missing: [String] {
        FaultKind.allCases.filter { faults[$0] == nil }.map { "fault \($0.rawValue)" }
            + Self.commandFloor.filter { commands[$0] == nil }.map { "command \($0)" }
    }
}
