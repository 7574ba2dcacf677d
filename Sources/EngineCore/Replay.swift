import DurableModel

extension Operation {
    /// The same kind, name and target as what the journal has. Inputs are not compared: they may hold what a handler
    /// of an earlier version computed.
    func repeats(_ command: Command) -> Bool {
        switch (self, command) {
        case (.getState(let a), .getState(let b)), (.clearState(let a), .clearState(let b)),
            (.setState(let a, _), .setState(let b, _)):
            a == b
        case (.stateNames, .getStateNames), (.clearAllState, .clearAllState), (.awakeable, .awakeable),
            (.now, .now), (.sleep, .sleep):
            true
        case (.run(let a, _), .run(let b, _)): a == b
        case (.call(let a, _, _), .call(let b, _, _)): a == b
        case (.send(let a, _, _, _), .send(let b, _, _, _)): a == b
        case (.completeAwakeable(let a, _), .completeAwakeable(let b, _)): a == b
        default: false
        }
    }

    var summary: String {
        switch self {
        case .getState(let name): "get state \"\(name)\""
        case .stateNames: "list state"
        case .setState(let name, _): "set state \"\(name)\""
        case .clearState(let name): "clear state \"\(name)\""
        case .clearAllState: "clear all state"
        case .run(let name, _): "run \"\(name)\""
        case .call(let target, _, _): "call \(target.path)"
        case .send(let target, _, _, _): "send \(target.path)"
        case .sleep: "sleep"
        case .awakeable: "awakeable"
        case .completeAwakeable(let id, _): "complete awakeable \(id.text)"
        case .now: "now"
        case .await: "await"
        case .log: "log"
        }
    }
}

extension AttemptResult {
    /// How the handler ended if it ended for good.
    var summary: String? {
        switch self {
        case .returned: "returned"
        case .terminal: "ended with a terminal error"
        case .failed, .unwound, .impossible: nil
        }
    }
}

extension Command {
    var summary: String {
        switch self {
        case .getState(let name): "get state \"\(name)\""
        case .getStateNames: "list state"
        case .setState(let name, _): "set state \"\(name)\""
        case .clearState(let name): "clear state \"\(name)\""
        case .clearAllState: "clear all state"
        case .run(let name, _): "run \"\(name)\""
        case .call(let target, _, _): "call \(target.path)"
        case .send(let target, _, _, _): "send \(target.path)"
        case .sleep: "sleep"
        case .awakeable: "awakeable"
        case .completeAwakeable(let id, _): "complete awakeable \(id.text)"
        case .now: "now"
        }
    }
}

extension InvocationTarget {
    var path: String {
        if let key { "\(service)/\(key)/\(handler)" } else { "\(service)/\(handler)" }
    }
}
