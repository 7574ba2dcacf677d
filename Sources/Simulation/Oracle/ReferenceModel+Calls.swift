import DurableModel

// Handlers whose answer follows from what others answered: what they heard stands in their journal, whether that is
// what was said is judged elsewhere (`HeardAsSaid`).
extension ReferenceModel {
    func embrace(_ ended: Ended) -> Expectation {
        switch ended.callOutcomes.first {
        case .success(let bytes):
            .exactly(ended.target.handler == "waltz" ? text(bytes) : "\"\(text(bytes))\"")
        case .failure(let failure) where failure.isDeadlock: .exactly("\"deadlock\"")
        case .failure(let failure): .failure(failure.message)
        case nil: .anything
        }
    }

    /// Waits that are no edge of a cycle must never be taken for one.
    func glance(_ ended: Ended) -> Expectation {
        let calls = ended.calls
        guard calls.count == 2, let timer = ended.sleeps.first else { return .anything }
        for case .failure(let failure) in ended.callOutcomes where failure.isDeadlock { return .exactly("no deadlock") }
        guard case .success(let mine) = ended.outcome(at: calls[0]) else { return ended.failure(at: calls[0]) }
        guard ended.first(of: [calls[1], timer]) == calls[1] else { return .exactly("\"\(text(mine)) late\"") }
        guard case .success(let theirs) = ended.outcome(at: calls[1]) else { return ended.failure(at: calls[1]) }
        return .exactly("\"\(text(mine)) \(text(theirs))\"")
    }

    // MARK: Combinators

    func settle(_ ended: Ended) -> Expectation {
        let words = ended.callOutcomes.map { outcome in
            if case .success(let bytes) = outcome { text(bytes) } else { "no" }
        }
        return words.count == 2 ? .exactly("\"\(words.joined(separator: " "))\"") : .anything
    }

    func hurry(_ ended: Ended) -> Expectation {
        let calls = ended.calls
        guard calls.count == 2, let winner = ended.first(of: calls) else { return .anything }
        guard case .success(let first) = ended.outcome(at: winner) else { return ended.failure(at: winner) }
        let beginning = "\(winner == calls[0] ? "a" : "b") \(word(first))"
        guard let timer = ended.sleeps.first else { return .anything }
        guard ended.first(of: [calls[1], timer]) == calls[1] else { return .exactly("\"\(beginning) late\"") }
        guard case .success(let second) = ended.outcome(at: calls[1]) else { return ended.failure(at: calls[1]) }
        return .exactly("\"\(beginning) \(word(second))\"")
    }

    func pick(_ ended: Ended) -> Expectation {
        let calls = ended.calls
        guard calls.count == 2, let any = ended.first(of: calls, where: { !$0.hasFailed }),
            case .success(let value) = ended.outcome(at: any)
        else { return .anything }
        var all = "all"
        if let failed = ended.first(of: calls, where: { $0.hasFailed }) {
            guard ended.failure(at: failed) == .failure("insufficient funds") else { return ended.failure(at: failed) }
            all = "short"
        }
        guard case .success(let again) = ended.outcome(at: calls[1]) else { return .anything }
        return .exactly("\"\(text(value)) \(all) \(text(again))\"")
    }

    // MARK: Others' invocations

    func supervise(_ ended: Ended) -> Expectation {
        var early = "nothing"
        for case .outcomeSoFar(let outcome) in ended.journal.map(\.completion) {
            if case .failure(let failure) = outcome { return .failure(failure.message) }
            if case .success(let bytes) = outcome { early = word(bytes) }
        }
        guard let attach = ended.attaches.first else { return .anything }
        guard case .success(let late) = ended.outcome(at: attach) else { return .exactly("\"true \(early) ended\"") }
        return .exactly("\"true \(early) \(word(late))\"")
    }

    func delegate(_ ended: Ended) -> Expectation {
        guard let call = ended.calls.first, let attach = ended.attaches.first else { return .anything }
        guard case .success(let isFirst) = ended.outcome(at: call) else { return ended.failure(at: call) }
        guard case .success(let late) = ended.outcome(at: attach) else { return ended.failure(at: attach) }
        for case .outcomeSoFar(let stored) in ended.journal.map(\.completion) {
            if case .failure(let failure) = stored { return .failure(failure.message) }
            return .exactly("\"true \(text(isFirst)) \(word(late)) \(stored == .success(late))\"")
        }
        return .anything
    }

    func insist(_ ended: Ended) -> Expectation {
        switch ended.callOutcomes.first {
        case .success(let bytes): .exactly(text(bytes))
        case .failure(let failure) where failure.code == 409: .exactly("\"refused\"")
        case .failure(let failure): .failure(failure.message)
        case nil: .anything
        }
    }

    func whisper(_ ended: Ended) -> Expectation {
        guard let call = ended.calls.first, let attach = ended.attaches.first else { return .anything }
        guard case .success(let direct) = ended.outcome(at: call) else { return ended.failure(at: call) }
        guard case .success(let attached) = ended.outcome(at: attach) else { return ended.failure(at: attach) }
        return .exactly("\"true \(text(direct)) \(text(attached))\"")
    }

    private func text(_ bytes: Bytes) -> String { String(decoding: bytes, as: UTF8.self) }

    /// Of a JSON string.
    private func word(_ bytes: Bytes) -> String { String(text(bytes).dropFirst().dropLast()) }
}

extension TerminalFailure {
    var isDeadlock: Bool { message.hasPrefix("deadlock") }
}
