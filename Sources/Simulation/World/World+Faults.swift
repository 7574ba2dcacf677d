import DurableModel
import EngineCore

// What goes wrong, when its time has come.
extension World {
    func strikeWhatIsDue() {
        if recorder.invocations >= troubleUntil {
            outside.stumblePercent = 0
            outside.closureFailurePercent = 0
        }
        if let crash = armed.firstIndex(of: .crashInRecovery), !process.isReady, random.chance(35) {
            armed.remove(at: crash)
            return self.crash()
        }
        guard let fault = faultsAhead.first, fault.afterInvocations <= recorder.invocations || mustHurry else { return }
        faultsAhead.removeFirst()
        recorder.record(.fault(fault.kind))
        strike(fault)
    }

    /// There are no more requests that could bring the next fault's time about.
    private var mustHurry: Bool { isStarved || clients.allSatisfy { !$0.hasUnasked } }

    private func strike(_ fault: PlannedFault) {
        let nowMs = clock.nowMs()
        var dice = SeededRandom(seed: fault.dice)
        switch fault.kind {
        case .crash: crash()
        case .crashLosingCommit, .crashKeepingCommit, .crashBeforeEffects: armed.append(fault.kind)
        case .crashInRecovery:
            armed.append(fault.kind)
            crash()
        case .restart: stop()
        case .commitFails: process.storage.failuresAhead = 1 + dice.below(3)
        case .diskBusy: process.storage.trouble = .busy(untilMs: nowMs + Int64(20 + dice.below(8_000)))
        case .diskFull: process.storage.trouble = .full(untilMs: nowMs + Int64(200 + dice.below(6_000)))
        case .diskSlow: process.storage.trouble = .slow(untilMs: nowMs + Int64(100 + dice.below(3_000)))
        case .clockForward: move(byMs: Int64(dice.below(dice.chance(50) ? 60_000 : 100_000_000)))
        case .clockBackward: move(byMs: -Int64(dice.below(dice.chance(50) ? 5_000 : 3_600_000)))
        case .handlersThrow:
            outside.stumblePercent = 30
            troubleUntil = recorder.invocations + 40
        case .closuresFail:
            outside.closureFailurePercent = 30
            troubleUntil = recorder.invocations + 40
        case .handlerHangs: outside.hangsAhead += 1
        case .closureHangs: outside.closureHangsAhead += 1
        case .duplicates: duplicatesAhead += 20
        case .cancel: steer(.cancel, &dice)
        case .kill: steer(.kill, &dice)
        case .pause: steer(.pause, &dice)
        case .resume: steer(.resume, &dice)
        case .purge: steer(dice.chance(50) ? .purge : .purgeJournal, &dice)
        case .restartAsNew: steer(.restartAsNew(keptEntries: 0), &dice)
        }
    }

    private func stop() {
        guard !isStopping else { return }
        isStopping = true
        process.runtime.stop { [flag = StopFlag(self)] in flag.raise() }
    }

    /// A person does something to an invocation. Those of the shop are cancelled at most: what is killed in the middle
    /// leaves money and seats where they are, which is documented.
    private func steer(_ steering: Steering, _ dice: inout SeededRandom) {
        let wantsEnded =
            switch steering {
            case .purge, .purgeJournal, .restartAsNew: true
            case .cancel, .kill, .pause, .resume: false
            }
        let mayBeShop = steering == .cancel
        let fit = disk.invocations.filter { _, record in
            (record.progress.status == .completed) == wantsEnded
                && (mayBeShop || WorkloadOperation.services.contains(record.acceptance.target.service))
        }.keys.sorted()
        guard !fit.isEmpty, let record = disk.invocations[fit[dice.below(fit.count)]] else { return }
        process.runtime.submit(.steer(record.acceptance.id, steering)) { _ in }
    }
}

/// Tells the world that the server has stopped.
///
/// `@unchecked Sendable`: a simulation has one thread, and everything in it happens there.
private final class StopFlag: @unchecked Sendable {
    private weak var world: World?

    init(_ world: World) { self.world = world }

    func raise() { world?.hasStopped = true }
}
