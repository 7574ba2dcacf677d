import DurableModel
package import EngineCore

// The kinds of everything that handlers and callers can ask, by name. The switches are exhaustive: what is added to the
// engine does not compile here before it has a name, and `Coverage` then wants to see it.

extension Operation {
    /// As its method of `DurableOperations` is called; a wait with its condition.
    package var kind: String {
        switch self {
        case .getState: "getState"
        case .stateNames: "stateNames"
        case .setState: "setState"
        case .clearState: "clearState"
        case .clearAllState: "clearAllState"
        case .run: "startRun"
        case .transaction: "startTransaction"
        case .call: "startCall"
        case .send: "send"
        case .sleep: "startSleep"
        case .sleepUntil: "startSleep until"
        case .awakeable: "createAwakeable"
        case .completeAwakeable: "completeAwakeable"
        case .now: "nowMs"
        case .getPromise: "startPromise"
        case .peekPromise: "peekPromise"
        case .completePromise: "completePromise"
        case .attach: "startAttach"
        case .getOutput: "output"
        case .cancel: "cancel"
        case .patched: "patched"
        case .await: "result"
        case .select(let waiting): "wait \(waiting.condition)"
        case .log: "log"
        case .publish: "publish"
        }
    }
}

extension ClientCommand {
    package var kind: String {
        switch self {
        case .invoke(let invoke): invoke.kind
        case .attach: "attach"
        case .output: "output"
        case .completeAwakeable(_, .success): "resolve awakeable"
        case .completeAwakeable(_, .failure): "reject awakeable"
        case .steer(_, let steering): steering.kind
        }
    }
}

extension InvokeCommand {
    fileprivate var kind: String {
        let manner = idempotencyKey == nil ? "" : " with key"
        switch mode {
        case .call: return attachesToWorkflow ? "run or attach" : "call" + manner
        case .send(nil): return "send" + manner
        case .send: return "delayed send" + manner
        }
    }
}

extension Steering {
    package var kind: String {
        switch self {
        case .cancel: "cancel"
        case .kill: "kill"
        case .purge: "purge"
        case .purgeJournal: "purge journal"
        case .pause: "pause"
        case .resume: "resume"
        case .restartAsNew(keptEntries: 0): "restart as new"
        case .restartAsNew: "restart as new with kept entries"
        }
    }
}

extension SteeringResult {
    var kind: String {
        switch self {
        case .done: "done"
        case .requested: "requested"
        case .restarted: "restarted"
        case .unknown: "unknown"
        case .conflict: "conflict"
        case .tooEarly: "too early"
        case .unsupported: "unsupported"
        case .gone: "gone"
        case .invalid: "invalid"
        }
    }
}

extension Coverage {
    /// What must have occurred in many seeds.
    package static func floor(of group: Group) -> [String] {
        switch group {
        case .faults: FaultKind.allCases.map(\.rawValue)
        case .operations:
            [
                "getState", "stateNames", "setState", "clearState", "clearAllState", "startRun", "startTransaction",
                "startCall", "send", "startSleep", "startSleep until", "createAwakeable", "completeAwakeable",
                "nowMs", "startPromise", "peekPromise",
                "completePromise", "startAttach", "output", "cancel", "patched", "result", "wait first", "wait all",
                "wait firstSuccess", "wait allSettled", "log", "publish",
            ]
        case .commands:
            [
                "call", "call with key", "send", "send with key", "delayed send", "delayed send with key",
                "run or attach", "attach", "output", "resolve awakeable", "reject awakeable", "cancel", "kill",
                "purge", "purge journal", "pause", "resume", "restart as new", "restart as new with kept entries",
            ]
        case .steerings: ["done", "requested", "restarted", "conflict", "too early", "unsupported", "gone", "invalid"]
        case .statuses: ["200", "202", "400", "404", "405", "409", "418", "429", "470", "500", "503"]
        case .incidents: Incident.allCases.map(\.rawValue)
        case .systems: WorkloadOperation.systemHandlers
        }
    }
}
