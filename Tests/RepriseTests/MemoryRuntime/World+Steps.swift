@testable import Reprise

extension World {
    /// One operation of a handler: answered from the journal when it is in there, decided and appended otherwise.
    mutating func step(
        _ id: String, _ index: Int, _ request: Request, _ closure: Closure?
    ) throws -> Step {
        try checkLive(id)
        if crashes(id, index, .before) { throw AttemptEnded() }
        guard let journal = invocations[id]?.journal else { throw AttemptEnded() }
        if index < journal.count {
            guard journal[index].request == request else {
                let fault = "\(info(id).address) step \(index): first \(journal[index].request), now \(request)"
                faults.append(fault)
                throw TerminalError(fault, code: 570)
            }
            if journal[index].result == nil, let closure, journal[index].closure == nil {
                invocations[id]?.journal[index].closure = closure
                running += 1
                effects.append(.closure(id, index, closure))
            }
            return journal[index].step
        }
        precondition(index == journal.count, "steps are appended in order")
        lines += invocations[id]?.unsaid ?? []
        invocations[id]?.unsaid = []
        published += invocations[id]?.unpublished ?? []
        invocations[id]?.unpublished = []
        invocations[id]?.journal.append(Entry(request: request, step: Step()))
        let step = decide(id, index, request, closure)
        let entry = invocations[id]?.journal[index]
        invocations[id]?.journal[index] = Entry(
            request: request, step: step, result: entry?.result, closure: entry?.closure)
        if crashes(id, index, .after) { throw AttemptEnded() }
        return step
    }

    private mutating func decide(_ id: String, _ index: Int, _ request: Request, _ closure: Closure?) -> Step {
        let address = info(id).address
        let object = ObjectID(service: address.service, key: address.key ?? "")
        switch request {
        case .get(let name): return Step(value: objects[object]?[name])
        case .names: return Step(names: objects[object]?.keys.sorted() ?? [])
        case .set(let name, let value): objects[object, default: [:]][name] = value
        case .clear(let name): objects[object]?[name] = nil
        case .clearAll: objects[object] = nil
        case .run:
            guard let closure else { preconditionFailure("a run has a closure") }
            invocations[id]?.journal[index].closure = closure
            running += 1
            effects.append(.closure(id, index, closure))
        case .call(let target, let input, let key):
            let (child, isNew) = invoke(target, input: input, delayMs: nil, key: key)
            if !isNew, handler(target)?.kind == .workflowRun {
                let conflict = TerminalError("the workflow method was already invoked", code: 409)
                invocations[id]?.journal[index].result = .failure(conflict)
            } else if let result = invocations[child]?.result {
                invocations[id]?.journal[index].result = result
            } else {
                invocations[child]?.callers.append((id, index))
            }
            return Step(text: child)
        case .send(let target, let input, let delayMs, let key):
            return Step(text: invoke(target, input: input, delayMs: delayMs, key: key).0)
        case .sleep(let duration): timers.append(Timer(due: nowMs + duration, action: .wake(id, index)))
        case .awakeable:
            let name = "sign_\(nextSerial())"
            awakeables[name] = (id, index)
            return Step(text: name)
        case .complete(let name, let result):
            if let target = awakeables[name] { complete(target.id, target.index, result) }
        case .now: return Step(time: nowMs)
        case .promise, .peek, .keep, .attach, .output, .cancel, .patch:
            return decideAboutOthers(id, index, request, object)
        }
        return Step()
    }

    /// Whether the planned crash happens here; it happens once.
    private mutating func crashes(_ id: String, _ index: Int, _ moment: Crash.Moment) -> Bool {
        guard let plan = crash, plan.service == info(id).address.service, plan.step == index, plan.moment == moment
        else { return false }
        crash = nil
        return true
    }

    func checkLive(_ id: String) throws {
        guard let invocation = invocations[id], invocation.result == nil else { throw AttemptEnded() }
    }

    func isReplaying(_ id: String, _ position: Int) -> Bool { position < invocations[id]?.journal.count ?? 0 }

    mutating func log(_ id: String, _ line: LogLine, isReplaying: Bool) {
        if !isReplaying { invocations[id]?.unsaid.append(line.message) }
    }

    mutating func publish(_ id: String, _ event: PublishedEvent, isReplaying: Bool) {
        if !isReplaying { invocations[id]?.unpublished.append(event) }
    }

    // MARK: Results

    mutating func complete(_ id: String, _ index: Int, _ result: OperationResult) {
        guard var entry = invocations[id]?.journal[index], entry.result == nil else { return }
        entry.result = result
        entry.rank = 1 + (invocations[id]?.journal.map(\.rank).max() ?? 0)
        running += entry.waiters.count
        effects += entry.waiters.map { .resume($0.waiter, result) }
        entry.waiters = []
        invocations[id]?.journal[index] = entry
        wakeSelections(of: id)
    }

    mutating func endClosure(_ id: String, _ index: Int, _ result: OperationResult) {
        if crashes(id, index, .resultLost), let closure = invocations[id]?.journal[index].closure {
            return effects.append(.closure(id, index, closure))
        }
        complete(id, index, result)
        running -= 1
    }

    /// Runs the closure again, without any wait, until its policy is exhausted.
    mutating func failClosure(_ id: String, _ index: Int, _ reason: String) {
        guard let entry = invocations[id]?.journal[index], case .run(_, let policy) = entry.request,
            let closure = entry.closure
        else { return }
        invocations[id]?.journal[index].failures += 1
        if entry.failures + 1 >= policy?.maxAttempts ?? 1_000 {
            endClosure(id, index, .failure(TerminalError(reason)))
        } else {
            effects.append(.closure(id, index, closure))
        }
    }

    mutating func wait(for id: String, _ index: Int, cancellable: Bool, _ waiter: Waiter) {
        guard let entry = invocations[id]?.journal[index] else { return }
        if let result = entry.result { return effects.append(.resume(waiter, result)) }
        if cancellable, invocations[id]?.isCancelled == true {
            invocations[id]?.isCancelled = false
            return effects.append(.resume(waiter, .failure(TerminalError("canceled", code: 409))))
        }
        invocations[id]?.journal[index].waiters.append((waiter, cancellable))
        running -= 1
    }

    mutating func waitForEnd(of id: String, _ waiter: Waiter) {
        if let result = invocations[id]?.result {
            effects.append(.resume(waiter, result))
        } else {
            invocations[id]?.waiters.append(waiter)
        }
    }

    /// Makes the next wait throw, and those of its unfinished callees.
    mutating func cancel(_ id: String) {
        guard let invocation = invocations[id], invocation.result == nil else { return }
        for entry in invocation.journal where entry.result == nil {
            if case .call = entry.request { cancel(entry.step.text) }
        }
        guard invocation.isStarted else {
            return end(id, with: .failure(TerminalError("canceled", code: 409)))
        }
        let failure = OperationResult.failure(TerminalError("canceled", code: 409))
        if let selections = invocations[id]?.selections, !selections.isEmpty {
            invocations[id]?.selections = []
            running += selections.count
            effects += selections.map { .resume($0.waiter, failure) }
            return
        }
        guard let index = invocations[id]?.journal.firstIndex(where: { !$0.waiters.isEmpty }) else {
            invocations[id]?.isCancelled = true
            return
        }
        let waiters = invocations[id]?.journal[index].waiters ?? []
        invocations[id]?.journal[index].waiters = []
        running += waiters.count
        effects += waiters.map { .resume($0.waiter, failure) }
    }
}
