package import DurableModel
import Runtime

// Transactional steps: executed between two commits, in the order in which steps and commits were asked for. Rows and
// result reach the disk at one moment: a crash comes before it or after it.
extension SimulatedStorage: TransactionalDriver {
    package struct Step {
        let step: StoredStep
        let done: @Sendable (StepVerdict) -> Void
        let ticket: Int
    }

    package func transact(_ step: StoredStep, done: @escaping @Sendable (StepVerdict) -> Void) {
        steps.append(Step(step: step, done: done, ticket: takeTicket()))
    }

    /// A step is next in line.
    package var hasStep: Bool { steps.first.map { $0.ticket < commitTicket ?? .max } ?? false }

    /// Executes the step that is next in line; `done` is what follows if the process lives to see it.
    /// What it left on disk is nil when it left nothing there.
    package func executeStep(upMs: Int64) -> (record: StepRecord?, done: @Sendable () -> Void)? {
        guard hasStep else { return nil }
        let next = steps.removeFirst()
        let verdict = execute(next.step, upMs)
        var record: StepRecord?
        if case .committed(let result) = verdict { record = StepRecord(next.step, result: result) }
        if let record { write(record) }
        return (record, { next.done(verdict) })
    }

    private func execute(_ step: StoredStep, _ upMs: Int64) -> StepVerdict {
        guard let entry = disk.journal[step.serial]?[step.entry], entry.completion == nil else { return .unwanted }
        switch trouble {
        case .full(let untilMs) where upMs < untilMs: return .failed("disk full")
        case .busy(let untilMs) where upMs < untilMs: return .failed("database is locked")
        default: break
        }
        return tables.execute(step)
    }
}

/// What a transactional step leaves on disk: rows of its own, and its result in the journal.
package struct StepRecord: Sendable, Equatable {
    package var serial: InvocationSerial
    package var entry: Int
    package var rank: Int
    package var result: Bytes
    /// What it did to which row, such as `books_ledger INSERT x`; nothing is done twice to the same.
    package var rows: [String]

    package init(serial: InvocationSerial, entry: Int, rank: Int, result: Bytes = [], rows: [String] = []) {
        self.serial = serial
        self.entry = entry
        self.rank = rank
        self.result = result
        self.rows = rows
    }

    init(_ step: StoredStep, result: Bytes) {
        self.init(serial: step.serial, entry: step.entry, rank: step.rank, result: result, rows: step.changedRows)
    }
}

extension StoredStep {
    /// By the first text that a statement is given, which names the row in all that the simulated services say.
    fileprivate var changedRows: [String] {
        statements.compactMap { statement in
            for case .text(let row) in statement.values {
                let words = statement.sql.split(separator: " ")
                let table = words.first { $0.hasPrefix(namespace + "_") } ?? ""
                return "\(table) \(words.first ?? "") \(row)"
            }
            return nil
        }
    }
}
