import DurableModel

// The durable promises of workflows.
extension Engine {
    mutating func accessPromise(_ operation: Operation, of invocation: Resident) throws(Wait) -> OperationReply? {
        guard let id = invocation.object, catalog.service(id.service)?.kind == .workflow else {
            pause(invocation, reason: "\(invocation.acceptance.target.service) is no workflow: it has no promises")
            return nil
        }
        let object = try object(id)
        switch operation {
        case .getPromise(let name): return get(name, of: object, id, for: invocation)
        case .peekPromise(let name):
            let outcome = object.promises[ExactText(name)]?.outcome
            append(JournalEntry(.peekPromise(name: name), completion: .outcomeSoFar(outcome)), to: invocation)
            return .outcomeSoFar(outcome)
        case .completePromise(let name, let outcome):
            return try complete(name, of: object, id, with: outcome, for: invocation)
        default: return nil
        }
    }

    private mutating func get(
        _ name: String, of object: ResidentObject, _ id: ObjectID, for invocation: Resident
    ) -> OperationReply {
        let index = invocation.journal.count
        let command = Command.getPromise(name: name)
        var promise = object.promises[ExactText(name)] ?? DurablePromise()
        if let outcome = promise.outcome {
            append(JournalEntry(command, completion: .outcome(outcome)), to: invocation)
        } else {
            append(JournalEntry(command), to: invocation)
            promise.waiters.append(ParentLink(serial: invocation.serial, entry: index))
            put(promise, name, of: object, id)
        }
        return .started(entry: index)
    }

    private mutating func complete(
        _ name: String, of object: ResidentObject, _ id: ObjectID, with outcome: Outcome, for invocation: Resident
    ) throws(Wait) -> OperationReply {
        let command = Command.completePromise(name: name, outcome)
        let promise = object.promises[ExactText(name)] ?? DurablePromise()
        guard promise.outcome == nil else {
            let refusal = Outcome.failure(TerminalFailure(code: 409, message: "promise was already completed"))
            append(JournalEntry(command, completion: .outcome(refusal)), to: invocation)
            return .outcome(refusal)
        }
        var waiting: [(invocation: Resident, entry: Int)] = []
        for link in promise.waiters {
            guard let waiter = try find(link.serial), !waiter.isCompleted,
                waiter.journal.indices.contains(link.entry), waiter.journal[link.entry].completion == nil
            else { continue }
            waiting.append((waiter, link.entry))
        }
        let done = Outcome.success([])
        append(JournalEntry(command, completion: .outcome(done)), to: invocation)
        put(DurablePromise(outcome: outcome), name, of: object, id)
        for waiter in waiting { complete(waiter.entry, of: waiter.invocation, with: .outcome(outcome)) }
        return .outcome(done)
    }

    private mutating func put(_ promise: DurablePromise, _ name: String, of object: ResidentObject, _ id: ObjectID) {
        object.promises[ExactText(name)] = promise
        object.lastTurn = turnNumber
        turn.mutations.append(.putPromise(id, name: name, promise))
    }

    /// A workflow whose run is deleted can run afresh: nothing of the old run is left.
    mutating func forgetWorkflow(_ id: ObjectID, _ object: ResidentObject) {
        for name in object.sortedNames { clear(name, of: object, id) }
        for name in object.promises.keys.sorted() { turn.mutations.append(.deletePromise(id, name: name.text)) }
        object.promises = [:]
        object.lastTurn = turnNumber
    }
}
