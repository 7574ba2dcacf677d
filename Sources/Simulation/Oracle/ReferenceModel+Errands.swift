import DurableModel

// Steps, awakeables, workflows and sagas.
extension ReferenceModel {
    func steps(_ ended: Ended) -> Expectation {
        let words = ended.runs.map { entry in
            if case .outcome(.success(let bytes)) = entry.completion {
                String(String(decoding: bytes, as: UTF8.self).dropFirst().dropLast())
            } else {
                "no"
            }
        }
        return .exactly("\"\(words.joined(separator: " "))\"")
    }

    func bell(_ ended: Ended) -> Expectation {
        for entry in ended.journal where entry.command == .awakeable {
            switch entry.completion {
            case .outcome(.success): return .oneOf(["\"outside\"", "\"handler\"", "\"nobody came\""])
            case .outcome(.failure(let failure)): return ended.input == "0" ? .failure(failure.message) : .anything
            default: return .exactly("\"nobody came\"")
            }
        }
        return .anything
    }

    func book(_ ended: Ended) -> Expectation {
        if let refusal = ended.stepFailure { return .failure(refusal) }
        return (Int(ended.input) ?? 0) % 3 == 0 ? .failure("nothing came of it") : .exactly("\"booked\"")
    }

    // MARK: Workflows

    func process(_ ended: Ended) -> Expectation {
        if let refusal = ended.stepFailure { return .failure(refusal) }
        let subject = ended.input.dropLast()
        let promise = ended.journal.firstIndex { if case .getPromise = $0.command { true } else { false } }
        guard let promise else { return .anything }
        if let timer = ended.sleeps.first, ended.first(of: [promise, timer]) == timer {
            return .exactly("\(subject) unanswered\"")
        }
        guard case .success(let bytes) = ended.outcome(at: promise) else { return ended.failure(at: promise) }
        return .exactly("\(subject) \(String(decoding: bytes, as: UTF8.self).dropFirst())")
    }

    func completePromise(_ ended: Ended) -> Expectation {
        for entry in ended.journal {
            guard case .completePromise = entry.command, case .outcome(let outcome) = entry.completion else { continue }
            if case .success = outcome { return .exactly("true") }
            return .exactly("false")
        }
        return .anything
    }

    func status(_ ended: Ended) -> Expectation {
        var word = "none"
        for case .outcomeSoFar(let outcome?) in ended.journal.map(\.completion) {
            switch outcome {
            case .success(let bytes): word = String(String(decoding: bytes, as: UTF8.self).dropFirst().dropLast())
            case .failure: word = "refused"
            }
        }
        return .exactly("\"\(ended.readValue.map { $0.dropFirst().dropLast() } ?? "none") \(word)\"")
    }
}
