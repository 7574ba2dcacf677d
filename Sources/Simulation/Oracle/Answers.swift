package import DurableModel
import EngineCore

/// Every result is what the reference model predicts, every call hears what its callee answered, and in the end every
/// object holds what the model holds.
package struct Answers: Checker {
    package static let promise = "every answer is what the reference model predicts"

    private var model = ReferenceModel()
    /// Ended in turns that are not durable yet.
    private var fresh: [(turn: Int64, serial: InvocationSerial, ended: ReferenceModel.Ended)] = []
    private var sales = 0
    private var letters = Letters()
    private var bookings = Bookings()
    /// Entries that an invocation which was restarted as new has kept of the old one's journal.
    private var keptEntries: [InvocationSerial: Int] = [:]

    package init() {}

    package mutating func before(
        _ mutation: Mutation, of step: Decided, _ history: History, _ complain: (String) -> Void
    ) {
        switch mutation {
        case .updateInvocation(let serial, let progress):
            guard let record = history.truth.invocations[serial], record.progress.status != .completed else { return }
            note(serial, record.acceptance, progress, step.turn.number, history)
        case .insertInvocation(let serial, let record):
            keptEntries[serial] = Self.entries(of: serial, insertedIn: step.turn)
            note(serial, record.acceptance, record.progress, step.turn.number, history)
        case .deleteInvocation(let serial):
            if let record = history.truth.invocations[serial], record.progress.status != .completed {
                letters.noteMeddling(with: record.acceptance)
            }
        default: break
        }
    }

    private static func entries(of serial: InvocationSerial, insertedIn turn: Turn) -> Int? {
        let count = turn.mutations.count { if case .insertEntry(serial, _, _) = $0 { true } else { false } }
        return count > 0 ? count : nil
    }

    private mutating func note(
        _ serial: InvocationSerial, _ acceptance: Acceptance, _ progress: Progress, _ turn: Int64, _ history: History
    ) {
        guard progress.status == .completed, let outcome = progress.outcome else { return }
        let isKilled = outcome == .failure(TerminalFailure(code: 409, message: "killed"))
        let ended = ReferenceModel.Ended(
            id: acceptance.id, seed: acceptance.seed, target: acceptance.target,
            input: String(decoding: acceptance.input, as: UTF8.self), outcome: outcome,
            journal: progress.packedJournal ?? history.truth.journalEntries(of: serial),
            keptEntries: keptEntries[serial] ?? 0,
            isKilled: isKilled, cancels: progress.cancelsDelivered)
        fresh.append((turn, serial, ended))
    }

    package mutating func before(_ event: TraceEvent, _ history: History, _ complain: (String) -> Void) {
        switch event {
        case .crashed, .stopped: fresh = []
        case .decided(let step):
            guard case .command(.steer(let id, .restartAsNew), _, _) = step.input,
                let serial = history.truth.serial(of: id), let record = history.truth.invocations[serial]
            else { return }
            letters.noteMeddling(with: record.acceptance)
        case .ended(let ending) where ending.isAtRest: compareAtEnd(ending, history, complain)
        default: break
        }
    }

    package mutating func after(_ event: TraceEvent, _ history: History, _ complain: (String) -> Void) {
        guard case .committed = event else { return }
        while let first = fresh.first, first.turn <= history.durableTurn {
            fresh.removeFirst()
            judge(first.serial, first.ended, complain)
        }
    }

    private mutating func judge(
        _ serial: InvocationSerial, _ ended: ReferenceModel.Ended, _ complain: (String) -> Void
    ) {
        let expected = model.execute(ended)
        if !expected.isMet(by: ended.outcome) {
            complain(
                "\(serial.rawValue) \(ended.target.service)/\(ended.target.key ?? "")/\(ended.target.handler) of "
                    + "\(ended.input) ends with \(ended.outcome), the model says \(expected)")
        }
        if ended.target.service == "Checkout", case .success = ended.outcome { sales += 1 }
        letters.note(ended)
        bookings.note(ended)
    }

    private func compareAtEnd(_ ending: Ending, _ history: History, _ complain: (String) -> Void) {
        for service in ["Account", "Mailbox"] {
            compare(service, history, complain)
        }
        if ending.chargesKept != sales {
            complain("\(sales) seats were sold and \(ending.chargesKept) charges kept")
        }
        bookings.compare(with: ending.roomsKept, complain)
        letters.compare(with: history.durable, complain)
    }

    private func compare(_ service: String, _ history: History, _ complain: (String) -> Void) {
        let stored = history.durable.state.filter { $0.key.service == service }
            .mapValues { $0.mapValues { String(decoding: $0, as: UTF8.self) } }
        let expected = model.state.filter { $0.key.service == service && !$0.value.isEmpty }
        for object in Set(stored.keys).union(expected.keys).sorted(by: { $0.key < $1.key })
        where stored[object] != expected[object] {
            complain(
                "\(service)/\(object.key) holds \(stored[object] ?? [:]), the model holds \(expected[object] ?? [:])")
        }
    }
}
