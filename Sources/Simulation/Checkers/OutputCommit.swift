import DurableModel

/// Anything may be thought before it is durable; nothing may be said before it is durable.
package struct OutputCommit: Checker {
    package static let promise = "nothing external before its turn and all before it are durable"

    package init() {}

    package mutating func before(_ event: TraceEvent, _ history: History, _ complain: (String) -> Void) {
        switch event {
        case .performed(let effect, let turn):
            guard let first = history.pending.first, first.number <= turn else { return }
            complain("\(effect) of turn \(turn) is performed while turn \(first.number) is not durable")
        case .closureBegan(let invocation, let step):
            guard let id = try? InvocationID(parsing: invocation) else { return }
            guard let serial = history.durable.serial(of: id), let record = history.durable.invocations[serial] else {
                return complain("the closure of \(step) runs for \(invocation), which is not on disk")
            }
            let entries = history.durable.journal[serial]?.values.map(\.command) ?? []
            let isKnown = entries.contains { if case .run(step, _) = $0 { true } else { false } }
            if !isKnown, record.progress.status != .completed {
                complain("the closure of \(step) runs for \(invocation) before its journal entry is on disk")
            }
        default: break
        }
    }
}
