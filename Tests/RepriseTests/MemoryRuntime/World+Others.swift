@testable import Reprise

// Promises, other invocations, and waits for several entries.
extension World {
    mutating func decideAboutOthers(_ id: String, _ index: Int, _ request: Request, _ object: ObjectID) -> Step {
        switch request {
        case .promise(let name):
            if let result = promises[object]?[name] {
                complete(id, index, result)
            } else {
                promiseWaiters[object, default: [:]][name, default: []].append((id, index))
            }
        case .peek(let name): return Step(result: promises[object]?[name])
        case .keep(let name, let result):
            guard promises[object]?[name] == nil else {
                return Step(result: .failure(TerminalError("promise was already completed", code: 409)))
            }
            promises[object, default: [:]][name] = result
            for waiter in promiseWaiters[object]?.removeValue(forKey: name) ?? [] {
                complete(waiter.id, waiter.index, result)
            }
        case .attach(let other):
            guard let invocation = invocations[other] else {
                complete(id, index, .failure(TerminalError("there is no invocation \(other)", code: 404)))
                break
            }
            if let result = invocation.result {
                complete(id, index, result)
            } else {
                invocations[other]?.callers.append((id, index))
            }
        case .output(let other):
            guard let invocation = invocations[other] else {
                return Step(result: .failure(TerminalError("there is no invocation \(other)", code: 404)))
            }
            return Step(result: invocation.result)
        case .cancel(let other): cancel(other)
        default: break
        }
        return Step()
    }

    /// Whether the journal was written without the patch at this place.
    func lacksPatch(_ id: String, _ position: Int, _ patch: String) -> Bool {
        guard let journal = invocations[id]?.journal, position < journal.count else { return false }
        return journal[position].request != .patch(patch)
    }

    mutating func wait(for id: String, _ selection: Selection, _ waiter: Waiter) {
        if let decision = decision(of: id, selection) { return effects.append(.resume(waiter, decision)) }
        if invocations[id]?.isCancelled == true {
            invocations[id]?.isCancelled = false
            return effects.append(.resume(waiter, .failure(TerminalError("canceled", code: 409))))
        }
        invocations[id]?.selections.append((selection, waiter))
        running -= 1
    }

    mutating func wakeSelections(of id: String) {
        for (selection, waiter) in invocations[id]?.selections ?? [] {
            guard let decision = decision(of: id, selection) else { continue }
            invocations[id]?.selections = []
            running += 1
            effects.append(.resume(waiter, decision))
        }
    }

    private func decision(of id: String, _ selection: Selection) -> OperationResult? {
        guard let journal = invocations[id]?.journal else { return nil }
        let ended = selection.entries.filter { journal[$0].result != nil }.sorted { journal[$0].rank < journal[$1].rank }
        let decisive = ended.first { index in
            let hasFailed = if case .failure = journal[index].result { true } else { false }
            return switch selection.condition {
            case .first: true
            case .all: hasFailed
            case .firstSuccess: !hasFailed
            case .allSettled: false
            }
        }
        guard let index = decisive ?? (ended.count == selection.entries.count ? ended.last : nil) else {
            return selection.entries.isEmpty ? .success([]) : nil
        }
        return .success(Array("\(index)".utf8))
    }
}
