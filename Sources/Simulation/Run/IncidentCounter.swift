import DurableModel
import EngineCore

/// Finds incidents in a trace.
struct IncidentCounter {
    private(set) var counts: [Incident: Int] = [:]
    /// Loads without answer, in the order in which they were asked for.
    private var open: [LoadKey] = []
    private static let yes = Array("true".utf8)
    private var touched: Set<LoadKey> = []
    private var deletedIDs: Set<InvocationID> = []
    private var ids: [InvocationSerial: InvocationID] = [:]
    private var targets: [InvocationSerial: InvocationTarget] = [:]
    private var statuses: [InvocationSerial: InvocationStatus] = [:]
    private var cancelsDelivered: [InvocationSerial: Int] = [:]
    private var lastWallMs: Int64 = 0
    private var lastWritingTurn: Int64 = 0

    mutating func count(_ event: TraceEvent) {
        switch event {
        case .booted(let wallMs, let disk): begin(on: disk, wallMs)
        case .decided(let step): count(step)
        case .commitBegan(let turn) where turn < lastWritingTurn: note(.cutBacklog)
        case .commitFailed: note(.refusedCommit)
        case .performed(.answer(.accepted(_, _, isNew: false)), _): note(.previouslyAccepted)
        case .performed(.answer(.result(_, _, expiresAtMs: .some)), _): note(.replayedResult)
        case .repeated: note(.repeatedInput)
        case .hungUp: note(.hangUp)
        case .transacted(let step):
            if step.rows.contains(where: { $0.hasPrefix("order_ledger INSERT ") }) { note(.ledgerCharge) }
            if step.rows.contains(where: { $0.hasPrefix("order_ledger UPDATE ") }) { note(.ledgerRefund) }
        default: break
        }
    }

    private mutating func note(_ incident: Incident) { counts[incident, default: 0] += 1 }

    private mutating func begin(on disk: DiskImage, _ wallMs: Int64) {
        open = []
        touched = []
        lastWallMs = wallMs
        lastWritingTurn = 0
        ids = disk.invocations.mapValues(\.acceptance.id)
        targets = disk.invocations.mapValues(\.acceptance.target)
        statuses = disk.invocations.mapValues(\.progress.status)
        cancelsDelivered = disk.invocations.mapValues(\.progress.cancelsDelivered)
    }

    private mutating func count(_ step: Decided) {
        if step.wallMs < lastWallMs { note(.clockBackward) }
        lastWallMs = step.wallMs
        if let input = step.input { count(input, step.turn) }
        for mutation in step.turn.mutations { count(mutation, step.turn) }
        for event in step.turn.events { count(event) }
        for key in step.turn.loads {
            open.append(key)
            touched.remove(key)
        }
        if !step.turn.mutations.isEmpty { lastWritingTurn = step.turn.number }
    }

    private mutating func count(_ input: Input, _ turn: Turn) {
        let isWithoutEffect = turn.mutations.isEmpty && turn.loads.isEmpty
        switch input {
        case .operation(let attempt, _) where turn.internalEffects == [.resume(attempt, .ended)]: note(.staleOperation)
        case .operation(_, let operation) where isWithoutEffect && operation.isJournaled:
            if turn.internalEffects.isEmpty { note(.heldBack) }
        case .attemptEnded(_, .returned) where isWithoutEffect: note(.lateReturn)
        case .loaded(let key, _): close(key, turn)
        default: break
        }
    }

    private mutating func close(_ key: LoadKey, _ turn: Turn) {
        guard let position = open.firstIndex(of: key) else { return }
        open.remove(at: position)
        if position > 0 { note(.lateLoad) }
        if touched.contains(key) { note(.overtakenLoad) }
        if turn.loads.contains(key) { note(.spoiledLoad) }
    }

    private mutating func touch(_ key: LoadKey) { if open.contains(key) { touched.insert(key) } }

    private mutating func touch(_ serial: InvocationSerial) {
        guard !open.isEmpty else { return }
        touch(.invocation(serial))
        if let id = ids[serial] { touch(.invocationByID(id)) }
    }

    private mutating func count(_ mutation: Mutation, _ turn: Turn) {
        switch mutation {
        case .insertInvocation(let serial, let record):
            ids[serial] = record.acceptance.id
            targets[serial] = record.acceptance.target
            if deletedIDs.contains(record.acceptance.id) { note(.returningID) }
            touch(serial)
            count(serial, record.progress)
        case .updateInvocation(let serial, let progress):
            touch(serial)
            count(serial, progress)
        case .deleteInvocation(let serial):
            touch(serial)
            if let status = statuses.removeValue(forKey: serial), status == .scheduled || status == .pending {
                note(.withdrawn)
            }
            if let id = ids.removeValue(forKey: serial) { deletedIDs.insert(id) }
        case .insertEntry(_, _, let entry):
            if case .run("undo", _) = entry.command { note(.compensation) }
            if entry.failure?.message.hasPrefix("deadlock") == true { note(.deadlock) }
            if case .completePromise(_, .failure) = entry.command { note(.rejectedPromise) }
        case .updateEntry(_, _, let entry):
            count(entry)
            if case .run("void-late-charge", _) = entry.command, entry.completion == .outcome(.success(Self.yes)) {
                note(.lateCharge)
            }
        case .deleteEntry(let serial, _) where statuses[serial] == .completed:
            let endsWhole = turn.mutations.contains { if case .deleteInvocation(serial) = $0 { true } else { false } }
            if !endsWhole { note(.slicedDeletion) }
        case .putState(let object, _, _): touch(.object(object))
        case .putPromise(let object, "decision", let promise) where object.service == "reservation-workflow":
            switch Document(promise.outcome)?.text("status") {
            case "confirmed": note(.holdConfirmed)
            case "cancelled": note(.holdCancelled)
            case "expired": note(.holdExpired)
            default: break
            }
        default: break
        }
    }

    private mutating func count(_ serial: InvocationSerial, _ progress: Progress) {
        if progress.status == .completed, statuses[serial] != .completed { countEnd(of: targets[serial], progress) }
        if progress.status == .suspended, statuses[serial] != .suspended { note(.suspension) }
        if progress.cancelsDelivered > cancelsDelivered[serial] ?? 0 { note(.cancelHeard) }
        if progress.strikes > 0, progress.status == .running { note(.strike) }
        statuses[serial] = progress.status
        cancelsDelivered[serial] = progress.cancelsDelivered
    }

    private mutating func countEnd(of target: InvocationTarget?, _ progress: Progress) {
        guard let target, let outcome = progress.outcome else { return }
        switch ("\(target.service)/\(target.handler)", outcome) {
        case ("order.sv1.OrderService/CreateOrder", .success): note(.orderDone)
        case ("order.sv1.OrderService/CreateOrder", .failure): note(.orderTakenBack)
        case ("Seat/hold", .failure(let failure)) where failure.message.hasPrefix("Seat is"): note(.seatTaken)
        case ("reservation-workflow/confirm", .success):
            if Document(outcome)?.text("verdict") == "tooLate" { note(.holdTooLate) }
        default: break
        }
    }

    private mutating func count(_ entry: JournalEntry) {
        guard let failure = entry.failure else { return }
        if failure.message.hasPrefix("deadlock") { note(.deadlock) }
        guard case .run(let run) = entry.detail else { return }
        if failure.code == 418 {
            note(.stepRefused)
        } else if run.failedAttempts > 0 {
            note(.stepExhausted)
        }
    }

    private mutating func count(_ event: EngineEvent) {
        switch event {
        case .paused(_, let reason):
            if reason.contains("uncleanly") { note(.struckOut) }
            if reason.contains("failed") { note(.exhausted) }
        case .resumedAlone: note(.resumedAlone)
        default: break
        }
    }
}

extension JournalEntry {
    fileprivate var failure: TerminalFailure? {
        if case .outcome(.failure(let failure)) = completion { failure } else { nil }
    }
}

extension Operation {
    fileprivate var isJournaled: Bool {
        switch self {
        case .await, .select, .log: false
        default: true
        }
    }
}
