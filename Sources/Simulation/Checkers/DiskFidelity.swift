import DurableModel

/// What is on disk is exactly what the durable turns decided: batches leave nothing out.
package struct DiskFidelity: Checker {
    package static let promise = "the disk holds what was decided, up to some turn"

    package init() {}

    package mutating func before(_ event: TraceEvent, _ history: History, _ complain: (String) -> Void) {
        guard case .booted(_, let disk) = event else { return }
        let decided = history.durable
        if disk.invocations != decided.invocations { complain("the invocations on disk are not those decided") }
        if disk.journal != decided.journal { complain("the journals on disk are not those decided") }
        if disk.rows != decided.rows { complain("the rows of transactional steps are not those committed") }
        if disk.state != decided.state { complain("the state on disk is not that decided") }
        if disk.promises != decided.promises { complain("the promises on disk are not those decided") }
        if disk.timers != decided.timers { complain("the timers on disk are not those decided") }
        if disk.meta != decided.meta { complain("the meta rows on disk are not those decided") }
    }
}
