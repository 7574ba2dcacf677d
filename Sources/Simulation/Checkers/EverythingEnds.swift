import DurableModel

/// With faults off, nothing is left waiting.
package struct EverythingEnds: Checker {
    package static let promise = "with faults off everything ends"

    package init() {}

    package mutating func before(_ event: TraceEvent, _ history: History, _ complain: (String) -> Void) {
        guard case .ended(let ending) = event, !ending.isAtRest else { return }
        let left = history.truth.live.prefix(3).compactMap { serial in
            history.truth.invocations[serial].map { record in
                let path = "\(record.acceptance.target.service)/\(record.acceptance.target.handler)"
                return "\(serial.rawValue) \(path) is \(record.progress.status.rawValue)"
                    + (record.progress.lastFailure.map { " (\($0))" } ?? "")
            }
        }
        complain(
            "left over: \(left.joined(separator: ", ")), \(history.truth.timers.count) timers, "
                + "\(ending.unanswered) unanswered requests")
    }
}
