import DurableModel

// What the reference model asks of a journal.
extension ReferenceModel.Ended {
    var runs: [JournalEntry] {
        journal.filter { if case .run = $0.command { true } else { false } }
    }

    /// Of the steps that succeeded, as JSON.
    var stepResults: [String] {
        runs.compactMap { entry in
            guard case .outcome(.success(let bytes)) = entry.completion else { return nil }
            return String(decoding: bytes, as: UTF8.self)
        }
    }

    /// The message of the first step that failed for good.
    var stepFailure: String? {
        for entry in runs {
            if case .outcome(.failure(let failure)) = entry.completion { return failure.message }
        }
        return nil
    }

    var callOutcomes: [Outcome] {
        journal.compactMap { entry in
            if case .call = entry.command, case .outcome(let outcome) = entry.completion { outcome } else { nil }
        }
    }

    var calls: [Int] { positions { if case .call = $0 { true } else { false } } }
    var sleeps: [Int] { positions { if case .sleep = $0 { true } else { false } } }
    var attaches: [Int] { positions { if case .attach = $0 { true } else { false } } }

    private func positions(_ isWanted: (Command) -> Bool) -> [Int] {
        journal.indices.filter { isWanted(journal[$0].command) }
    }

    func outcome(at position: Int) -> Outcome? {
        if case .outcome(let outcome) = journal[position].completion { outcome } else { nil }
    }

    /// That the handler passes on the failure of the entry.
    func failure(at position: Int) -> ReferenceModel.Expectation {
        if case .failure(let failure) = outcome(at: position) { .failure(failure.message) } else { .anything }
    }

    /// Which of them ended first.
    func first(of positions: [Int], where isWanted: (JournalEntry) -> Bool = { _ in true }) -> Int? {
        positions.filter { journal[$0].completion != nil && isWanted(journal[$0]) }
            .min { (journal[$0].completionRank, $0) < (journal[$1].completionRank, $1) }
    }

    var readValue: String? {
        for entry in journal {
            if case .value(let bytes) = entry.completion { return bytes.map { String(decoding: $0, as: UTF8.self) } }
        }
        return nil
    }

    var readNames: [String] {
        for entry in journal {
            if case .names(let names) = entry.completion { return names }
        }
        return []
    }
}

extension JournalEntry {
    var hasFailed: Bool {
        if case .outcome(.failure) = completion { true } else { false }
    }
}
