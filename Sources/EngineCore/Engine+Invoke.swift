import DurableModel

// Calls and sends from handlers.
extension Engine {
    mutating func invoke(_ operation: Operation, from parent: Resident) throws(Wait) -> OperationReply? {
        switch operation {
        case .call(let target, let input, let key):
            let command = Command.call(target: target, input: input, idempotencyKey: key)
            return try call(command, target, input, key, from: parent)
        case .send(let target, let input, let delayMs, let key):
            let command = Command.send(target: target, input: input, delayMs: delayMs, idempotencyKey: key)
            return try send(command, target, input, delayMs, key, from: parent)
        default:
            return nil
        }
    }

    private mutating func call(
        _ command: Command, _ target: InvocationTarget, _ input: Bytes, _ key: String?, from parent: Resident
    ) throws(Wait) -> OperationReply? {
        let index = parent.journal.count
        guard let handler = catalog.handler(target) else {
            append(JournalEntry(command, completion: .outcome(.failure(unknown(target)))), to: parent)
            return .call(entry: index, parent.id)
        }
        let entropy = entropy(of: parent, index)
        let id = identity(of: target, handler, idempotencyKey: key, entropy: entropy)
        let isPromised = isPromised(handler, idempotencyKey: key)
        let existing = isPromised ? try find(id) : nil
        if let existing {
            attach(parent, to: existing, command, handler)
            return .call(entry: index, id)
        }
        let child = Acceptance(
            id: id, target: target, kind: handler.kind, input: input, idempotencyKey: key,
            parent: ParentLink(serial: parent.serial, entry: index), createdAtMs: clockMs, seed: entropy.seed,
            isPromised: isPromised)
        append(JournalEntry(command, detail: .child(InvocationSerial(nextSerial), id)), to: parent)
        _ = accept(child, by: handler, of: target.object)
        return .call(entry: index, id)
    }

    /// A call that meets an invocation with the same identity gets that one's result.
    private mutating func attach(
        _ parent: Resident, to existing: Resident, _ command: Command, _ handler: HandlerDescriptor
    ) {
        let detail = EntryDetail.child(existing.serial, existing.id)
        if handler.kind == .workflowRun {
            let conflict = TerminalFailure(code: 409, message: "the workflow method was already invoked")
            append(JournalEntry(command, completion: .outcome(.failure(conflict)), detail: detail), to: parent)
        } else if let outcome = existing.progress.outcome {
            append(JournalEntry(command, completion: .outcome(outcome), detail: detail), to: parent)
        } else {
            append(JournalEntry(command, detail: detail), to: parent)
            existing.progress.followers.append(ParentLink(serial: parent.serial, entry: parent.journal.count - 1))
            touch(existing)
        }
    }

    private mutating func send(
        _ command: Command, _ target: InvocationTarget, _ input: Bytes, _ delayMs: Int64?, _ key: String?,
        from parent: Resident
    ) throws(Wait) -> OperationReply? {
        guard let handler = catalog.handler(target) else {
            pause(parent, reason: unknown(target).message)
            return nil
        }
        let index = parent.journal.count
        let entropy = entropy(of: parent, index)
        let id = identity(of: target, handler, idempotencyKey: key, entropy: entropy)
        let isPromised = isPromised(handler, idempotencyKey: key)
        if isPromised, let existing = try find(id) {
            append(JournalEntry(command, completion: .done, detail: .child(existing.serial, id)), to: parent)
            return .sent(id)
        }
        append(JournalEntry(command, completion: .done, detail: .child(InvocationSerial(nextSerial), id)), to: parent)
        _ = accept(
            Acceptance(
                id: id, target: target, kind: handler.kind, input: input, idempotencyKey: key, createdAtMs: clockMs,
                scheduledForMs: delayMs.map { clockMs.after($0) }, seed: entropy.seed, isPromised: isPromised),
            by: handler, of: target.object)
        return .sent(id)
    }

    /// Waits for the result of any invocation, whoever created it.
    mutating func attach(to id: InvocationID, from invocation: Resident) throws(Wait) -> OperationReply {
        let index = invocation.journal.count
        let existing = try find(id)
        guard let existing else {
            append(JournalEntry(.attach(id), completion: .outcome(.failure(unknown(id)))), to: invocation)
            return .started(entry: index)
        }
        let detail = EntryDetail.child(existing.serial, id)
        if let outcome = existing.progress.outcome {
            append(JournalEntry(.attach(id), completion: .outcome(outcome), detail: detail), to: invocation)
        } else {
            append(JournalEntry(.attach(id), detail: detail), to: invocation)
            existing.progress.followers.append(ParentLink(serial: invocation.serial, entry: index))
            touch(existing)
        }
        return .started(entry: index)
    }

    mutating func getOutput(of id: InvocationID, from invocation: Resident) throws(Wait) -> OperationReply {
        let existing = try find(id)
        let outcome = existing.map(\.progress.outcome) ?? .failure(unknown(id))
        append(JournalEntry(.getOutput(id), completion: .outcomeSoFar(outcome)), to: invocation)
        return .outcomeSoFar(outcome)
    }

    private func unknown(_ id: InvocationID) -> TerminalFailure {
        TerminalFailure(code: 404, message: "there is no invocation \(id.text), or not any more")
    }

    private func unknown(_ target: InvocationTarget) -> TerminalFailure {
        TerminalFailure(
            code: 404, message: "there is no handler \(target.handler) of a service \(target.service) to call")
    }

    /// Randomness for what a handler creates: a function of what is stored of it and the position in its journal. The
    /// seed alone would not do: one that was restarted as new has the seed of the old one, whose children live.
    private func entropy(of parent: Resident, _ index: Int) -> Entropy {
        let position = UInt64(index) &* 3
        let seed = parent.acceptance.seed ^ UInt64(truncatingIfNeeded: parent.id.uuid)
        return Entropy(mixed(seed, position), mixed(seed, position + 1), mixed(seed, position + 2))
    }
}
