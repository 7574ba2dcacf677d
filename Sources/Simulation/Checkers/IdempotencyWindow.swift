package import DurableModel

/// As long as an invocation is known, whoever asks with its key meets it and makes no other one.
package struct IdempotencyWindow: Checker {
    package static let promise = "one invocation per idempotency key, as long as its result is kept"

    /// When the result of an id that was deleted would have expired.
    private var keptUntilMs: [InvocationID: Int64] = [:]
    private var purged: Set<InvocationID> = []

    package init() {}

    package mutating func before(_ event: TraceEvent, _ history: History, _ complain: (String) -> Void) {
        guard case .decided(let step) = event, case .command(.steer(let id, .purge), _, _) = step.input else { return }
        purged.insert(id)
    }

    package mutating func before(
        _ mutation: Mutation, of step: Decided, _ history: History, _ complain: (String) -> Void
    ) {
        switch mutation {
        case .deleteInvocation(let serial):
            guard let record = history.truth.invocations[serial], let expiresAtMs = record.progress.expiresAtMs else {
                return
            }
            keptUntilMs[record.acceptance.id] = expiresAtMs
        case .insertInvocation(let serial, let record):
            let id = record.acceptance.id
            if let other = history.truth.serial(of: id), other != serial {
                complain("\(id.text) is \(other.rawValue) and becomes \(serial.rawValue) too")
            }
            if record.acceptance.isPromised, let untilMs = keptUntilMs[id], history.clockMs < untilMs,
                !purged.contains(id)
            {
                complain("\(id.text) runs again \(untilMs - history.clockMs) ms before its first result expires")
            }
        default: break
        }
    }
}
