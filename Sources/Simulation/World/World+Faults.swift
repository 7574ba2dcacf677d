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
        if let steering = steering(of: fault) { return steer(steering, fault) }
        recorder.record(.fault(fault.kind))
        strike(fault)
    }

    /// There are no more requests that could bring the next fault's time about.
    private var mustHurry: Bool { isStarved || clients.allSatisfy { !$0.hasUnasked } }

    private func strike(_ fault: PlannedFault) {
        let upMs = clock.upMs
        var dice = SeededRandom(seed: fault.dice)
        switch fault.kind {
        case .crash: crash()
        case .crashLosingCommit, .crashKeepingCommit, .crashBeforeEffects: armed.append(fault.kind)
        case .crashInRecovery:
            armed.append(fault.kind)
            crash()
        case .crashByTrap: crash(byTrap: true)
        case .restart: stop()
        case .commitFails: process.storage.failuresAhead = 1 + dice.below(3)
        case .diskBusy: process.storage.trouble = .busy(untilMs: upMs + Int64(20 + dice.below(8_000)))
        case .diskFull: process.storage.trouble = .full(untilMs: upMs + Int64(200 + dice.below(6_000)))
        case .diskSlow: process.storage.trouble = .slow(untilMs: upMs + Int64(100 + dice.below(3_000)))
        case .clockForward: clock.set(byMs: Int64(dice.below(dice.chance(50) ? 60_000 : 100_000_000)))
        case .clockBackward: clock.set(byMs: -Int64(dice.below(dice.chance(50) ? 5_000 : 3_600_000)))
        case .handlersThrow:
            outside.stumblePercent = 30
            troubleUntil = recorder.invocations + 40
        case .closuresFail:
            outside.closureFailurePercent = 30
            troubleUntil = recorder.invocations + 40
        case .handlerHangs: outside.hangsAhead += 1
        case .closureHangs: outside.closureHangsAhead += 1
        case .duplicates: duplicatesAhead += 20
        case .cancel, .kill, .pause, .resume, .purge, .purgeJournal, .restartAsNew, .missteer: break
        }
    }

    private func stop() {
        guard !isStopping else { return }
        isStopping = true
        process.runtime.stop { [flag = StopFlag(self)] in flag.raise() }
    }

    // MARK: What a person does

    private func steering(of fault: PlannedFault) -> Steering? {
        switch fault.kind {
        case .cancel: .cancel
        case .kill: .kill
        case .pause: .pause
        case .resume: .resume
        case .purge: .purge
        case .purgeJournal: .purgeJournal
        case .restartAsNew: .restartAsNew(keptEntries: Int(fault.dice >> 32) % 3)
        case .missteer: Self.anySteering[Int(fault.dice >> 32) % Self.anySteering.count]
        default: nil
        }
    }

    private static let anySteering: [Steering] = [
        .cancel, .kill, .pause, .resume, .purge, .purgeJournal, .restartAsNew(keptEntries: 0),
        .restartAsNew(keptEntries: 1), .restartAsNew(keptEntries: 4),
    ]

    /// A person does something to an invocation, and waits for one to do it to.
    private func steer(_ steering: Steering, _ fault: PlannedFault) {
        let fit = disk.invocations.filter { _, record in
            fault.kind == .missteer ? isMeddledWith(record, steering) : isFit(record, for: steering)
        }.keys.sorted()
        if fit.isEmpty, !mustHurry {
            let later = PlannedFault(kind: fault.kind, afterInvocations: recorder.invocations + 5, dice: fault.dice)
            let place = faultsAhead.firstIndex { $0.afterInvocations > later.afterInvocations } ?? faultsAhead.endIndex
            return faultsAhead.insert(later, at: place)
        }
        guard !fit.isEmpty, let record = disk.invocations[fit[Int(fault.dice % UInt64(fit.count))]] else { return }
        recorder.record(.fault(fault.kind))
        process.runtime.submit(.steer(record.acceptance.id, steering)) { _ in }
        // And then wants back what is gone.
        let regret = Steering.restartAsNew(keptEntries: 1)
        guard steering == .purgeJournal, fault.dice >> 40 & 1 == 0, isMeddledWith(record, regret) else { return }
        process.runtime.submit(.steer(record.acceptance.id, regret)) { _ in }
    }

    private func isFit(_ record: InvocationRecord, for steering: Steering) -> Bool {
        let isEnded = record.progress.status == .completed
        return switch steering {
        case .purge, .purgeJournal, .restartAsNew: isEnded && isMeddledWith(record, steering)
        case .cancel, .kill, .pause: !isEnded && isMeddledWith(record, steering)
        case .resume: record.progress.status != .running && !isEnded
        }
    }

    /// Invocations of the shop are cancelled at most: what is killed in the middle leaves money and seats where they
    /// are, which is documented. Who receives letters is not restarted with what it has read: it would write that down
    /// over letters that have come since.
    private func isMeddledWith(_ record: InvocationRecord, _ steering: Steering) -> Bool {
        let service = record.acceptance.target.service
        return switch steering {
        case .cancel: true
        case .restartAsNew(let keptEntries) where keptEntries > 0 && service == "Mailbox": false
        default: WorkloadOperation.services.contains(service)
        }
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
