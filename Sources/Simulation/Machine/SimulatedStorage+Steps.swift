package import DurableModel
import Runtime

// Transactional steps: executed between two commits, in the order in which steps and commits were asked for.
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
    package func executeStep(nowMs: Int64) -> (step: StoredStep, verdict: StepVerdict, done: @Sendable () -> Void)? {
        guard hasStep else { return nil }
        let next = steps.removeFirst()
        let verdict = execute(next.step, nowMs)
        return (next.step, verdict, { next.done(verdict) })
    }

    private func execute(_ step: StoredStep, _ nowMs: Int64) -> StepVerdict {
        guard let entry = disk.journal[step.serial]?[step.entry], entry.completion == nil else { return .unwanted }
        switch trouble {
        case .full(let untilMs) where nowMs < untilMs: return .failed("disk full")
        case .busy(let untilMs) where nowMs < untilMs: return .failed("database is locked")
        default: break
        }
        var result = StepResult()
        result.changes = step.statements.count
        guard let bytes = try? step.encode(result) else { return .failed("its result cannot be written down") }
        var rows: [String] = []
        for case .text(let row) in step.statements.flatMap(\.values) { rows.append(row) }
        write(StepRecord(serial: step.serial, entry: step.entry, rank: step.rank, result: bytes, rows: rows))
        return .committed(bytes)
    }
}

/// What a transactional step leaves on disk: rows of its own, and its result in the journal.
package struct StepRecord: Sendable, Equatable {
    package var serial: InvocationSerial
    package var entry: Int
    package var rank: Int
    package var result: Bytes
    package var rows: [String]

    package init(serial: InvocationSerial, entry: Int, rank: Int, result: Bytes = [], rows: [String] = []) {
        self.serial = serial
        self.entry = entry
        self.rank = rank
        self.result = result
        self.rows = rows
    }
}
