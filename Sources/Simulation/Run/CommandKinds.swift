package import DurableModel

extension Command {
    /// The kind of command, for coverage.
    package var kind: String {
        switch self {
        case .getState: "getState"
        case .getStateNames: "getStateNames"
        case .setState: "setState"
        case .clearState: "clearState"
        case .clearAllState: "clearAllState"
        case .run: "run"
        case .transaction: "transaction"
        case .call: "call"
        case .send: "send"
        case .sleep: "sleep"
        case .awakeable: "awakeable"
        case .completeAwakeable: "completeAwakeable"
        case .now: "now"
        case .getPromise: "getPromise"
        case .peekPromise: "peekPromise"
        case .completePromise: "completePromise"
        case .attach: "attach"
        case .getOutput: "getOutput"
        case .cancel: "cancel"
        case .patch: "patch"
        }
    }
}

extension ClientCommand {
    package var kind: String {
        switch self {
        case .invoke: "client invoke"
        case .attach: "client attach"
        case .output: "client output"
        case .completeAwakeable: "client completeAwakeable"
        case .steer: "client steer"
        }
    }
}
