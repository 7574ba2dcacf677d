package import DurableModel

/// Exclusive invocations of one object run one at a time, in the order in which they asked.
package struct Lanes: Checker {
    package static let promise = "one owner per lane, first in first out"

    /// Those that asked for a lane and have not ended, in order.
    private var lines: [ObjectID: [InvocationSerial]] = [:]

    package init() {}

    package mutating func before(_ event: TraceEvent, _ history: History, _ complain: (String) -> Void) {
        guard case .booted(_, let disk) = event else { return }
        lines = [:]
        let waiting = disk.invocations.filter { $0.value.progress.status != .completed && $0.value.lane != nil }
            .sorted { ($0.value.progress.laneOrder ?? 0) < ($1.value.progress.laneOrder ?? 0) }
        for (serial, record) in waiting where record.progress.laneOrder != nil {
            if let lane = record.lane { lines[lane, default: []].append(serial) }
        }
    }

    package mutating func before(
        _ mutation: Mutation, of step: Decided, _ history: History, _ complain: (String) -> Void
    ) {
        switch mutation {
        case .insertInvocation(let serial, let record):
            if record.progress.laneOrder != nil { enter(serial, record.lane) }
            if record.progress.status == .completed { leave(serial, record.lane) }
        case .updateInvocation(let serial, let progress):
            guard let old = history.truth.invocations[serial] else { return }
            if old.progress.laneOrder == nil, progress.laneOrder != nil { enter(serial, old.lane) }
            if progress.status == .completed { leave(serial, old.lane) }
        case .deleteInvocation(let serial): leave(serial, history.truth.invocations[serial]?.lane)
        default: break
        }
    }

    private mutating func enter(_ serial: InvocationSerial, _ lane: ObjectID?) {
        if let lane { lines[lane, default: []].append(serial) }
    }

    private mutating func leave(_ serial: InvocationSerial, _ lane: ObjectID?) {
        guard let lane, let index = lines[lane]?.firstIndex(of: serial) else { return }
        lines[lane]?.remove(at: index)
    }

    /// When the mutations of the turn count, whoever starts must be first in line.
    package mutating func after(_ event: TraceEvent, _ history: History, _ complain: (String) -> Void) {
        guard case .decided(let step) = event else { return }
        for case .start(let start) in step.turn.internalEffects { check(start.attempt.serial, history, complain) }
        for case .start(let start) in step.turn.externalEffects { check(start.attempt.serial, history, complain) }
    }

    private func check(_ serial: InvocationSerial, _ history: History, _ complain: (String) -> Void) {
        guard let record = history.truth.invocations[serial], record.progress.status != .completed,
            let lane = record.lane, let first = lines[lane]?.first, first != serial
        else { return }
        complain("\(serial.rawValue) starts on \(lane.service)/\(lane.key), whose lane \(first.rawValue) has")
    }
}

extension InvocationRecord {
    var lane: ObjectID? { acceptance.kind == .exclusive ? acceptance.target.object : nil }
}
