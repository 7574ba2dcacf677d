package import DurableModel

extension Operation {
    /// As it stands in a journal; nil for what is not journaled.
    package var command: Command? {
        switch self {
        case .getState(let name): .getState(name: name)
        case .stateNames: .getStateNames
        case .setState(let name, let value): .setState(name: name, value: value)
        case .clearState(let name): .clearState(name: name)
        case .clearAllState: .clearAllState
        case .run(let name, let policy): .run(name: name, policy: policy)
        case .transaction(let name, let policy): .transaction(name: name, policy: policy)
        case .call(let target, let input, let key): .call(target: target, input: input, idempotencyKey: key)
        case .send(let target, let input, let delayMs, let key):
            .send(target: target, input: input, delayMs: delayMs, idempotencyKey: key)
        case .sleep(let durationMs): .sleep(durationMs: durationMs)
        // How long that is depends on when it begins; the journal has the moment.
        case .sleepUntil: .sleep(durationMs: 0)
        case .awakeable: .awakeable
        case .completeAwakeable(let id, let outcome): .completeAwakeable(id, outcome)
        case .now: .now
        case .getPromise(let name): .getPromise(name: name)
        case .peekPromise(let name): .peekPromise(name: name)
        case .completePromise(let name, let outcome): .completePromise(name: name, outcome)
        case .attach(let id): .attach(id)
        case .getOutput(let id): .getOutput(id)
        case .cancel(let id): .cancel(id)
        case .patched(let id): .patch(id: id)
        case .await, .select, .log, .publish: nil
        }
    }

    /// The same kind, name and target as what the journal has. Inputs are not compared: they may hold what a handler
    /// of an earlier version computed.
    func repeats(_ other: Command) -> Bool { command?.summary == other.summary }

    var summary: String { command?.summary ?? "nothing that is journaled" }
}

extension Command {
    /// Kind, name and target, for comparison and for people.
    package var summary: String {
        switch self {
        case .getState(let name): "get state \"\(name)\""
        case .getStateNames: "list state"
        case .setState(let name, _): "set state \"\(name)\""
        case .clearState(let name): "clear state \"\(name)\""
        case .clearAllState: "clear all state"
        case .run(let name, _): "run \"\(name)\""
        case .transaction(let name, _): "transaction \"\(name)\""
        case .call(let target, _, _): "call \(target.path)"
        case .send(let target, _, _, _): "send \(target.path)"
        case .sleep: "sleep"
        case .awakeable: "awakeable"
        case .completeAwakeable(let id, _): "complete awakeable \(id.text)"
        case .now: "now"
        case .getPromise(let name): "get promise \"\(name)\""
        case .peekPromise(let name): "peek promise \"\(name)\""
        case .completePromise(let name, _): "complete promise \"\(name)\""
        case .attach(let id): "attach to \(id.text)"
        case .getOutput(let id): "get output of \(id.text)"
        case .cancel(let id): "cancel \(id.text)"
        case .patch(let id): "patch \"\(id)\""
        }
    }
}

extension InvocationTarget {
    package var path: String {
        if let key { "\(service)/\(key)/\(handler)" } else { "\(service)/\(handler)" }
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
