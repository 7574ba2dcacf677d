package import DurableModel
import EngineCore

/// Whoever has called hands on what happens to him, in the turn in which it happens: a crash can come after every one.
package struct CallTrees: Checker {
    package static let promise = "a cancellation or a kill reaches what was called"

    private struct Debt {
        var caller: InvocationSerial
        var callee: InvocationSerial
        var slot: TimerSlot
    }

    private var debts: [Debt] = []

    package init() {}

    package mutating func before(
        _ mutation: Mutation, of step: Decided, _ history: History, _ complain: (String) -> Void
    ) {
        guard case .updateInvocation(let serial, let progress) = mutation,
            let old = history.truth.invocations[serial]?.progress
        else { return }
        let journal = progress.packedJournal ?? history.truth.journal[serial].map { Array($0.values) } ?? []
        if progress.cancelsDelivered > old.cancelsDelivered { owe(.cancel, serial, journal) }
        if isKilled(serial, old, progress, step.turn) { owe(.kill, serial, journal) }
    }

    /// And has not returned what it heard from somebody who was.
    private func isKilled(_ serial: InvocationSerial, _ old: Progress, _ new: Progress, _ turn: Turn) -> Bool {
        guard old.status != .completed, case .failure(let failure) = new.outcome, failure.message == "killed" else {
            return false
        }
        return old.status != .running
            || turn.internalEffects.contains {
                if case .end(let attempt) = $0 { attempt.serial == serial } else { false }
            }
    }

    private mutating func owe(_ slot: TimerSlot, _ caller: InvocationSerial, _ journal: [JournalEntry]) {
        for entry in journal where entry.completion == nil {
            guard case .call = entry.command, case .child(let callee, _) = entry.detail else { continue }
            debts.append(Debt(caller: caller, callee: callee, slot: slot))
        }
    }

    package mutating func after(_ event: TraceEvent, _ history: History, _ complain: (String) -> Void) {
        guard case .decided = event else { return }
        for debt in debts where !isPaid(debt, history.truth) {
            complain("\(debt.callee.rawValue) is not told what happened to its caller, \(debt.caller.rawValue)")
        }
        debts = []
    }

    private func isPaid(_ debt: Debt, _ truth: DiskImage) -> Bool {
        guard let callee = truth.invocations[debt.callee]?.progress, callee.status != .completed else { return true }
        if truth.timers[TimerID(serial: debt.callee, slot: debt.slot)] != nil { return true }
        return debt.slot == .cancel && !callee.cancelRanks.isEmpty
    }
}
