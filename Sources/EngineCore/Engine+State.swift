import DurableModel

// State of objects and workflows.
extension Engine {
    mutating func accessState(_ operation: Operation, of invocation: Resident) throws(Wait) -> OperationReply? {
        guard let id = invocation.object else {
            pause(invocation, reason: "\(invocation.acceptance.target.service) is a plain service: it has no state")
            return nil
        }
        let object = try object(id)
        switch operation {
        case .getState(let name):
            let value = object.value(name)
            append(JournalEntry(.getState(name: name), completion: .value(value)), to: invocation)
            return .value(value)
        case .stateNames:
            let names = object.sortedNames
            append(JournalEntry(.getStateNames, completion: .names(names)), to: invocation)
            return .names(names)
        case .setState(let name, let value):
            return set(name, value, of: object, id, for: invocation)
        case .clearState(let name):
            append(JournalEntry(.clearState(name: name), completion: .done), to: invocation)
            clear(name, of: object, id)
            return .done
        default:
            append(JournalEntry(.clearAllState, completion: .done), to: invocation)
            for name in object.sortedNames { clear(name, of: object, id) }
            return .done
        }
    }

    private mutating func set(
        _ name: String, _ value: Bytes, of object: ResidentObject, _ id: ObjectID, for invocation: Resident
    ) -> OperationReply? {
        let place = object.place(of: name)
        guard object.bytes + object.growth(name, value, at: place) <= limits.objectStateBytesMax else {
            pause(
                invocation,
                reason: "the state of \(id.service)/\(id.key) would exceed \(limits.objectStateBytesMax) bytes")
            return nil
        }
        append(JournalEntry(.setState(name: name, value: value), completion: .done), to: invocation)
        object.set(name, value, at: place)
        object.lastTurn = turnNumber
        turn.mutations.append(.putState(id, name: name, value: value))
        return .done
    }

    mutating func clear(_ name: String, of object: ResidentObject, _ id: ObjectID) {
        object.clear(name)
        object.lastTurn = turnNumber
        turn.mutations.append(.deleteState(id, name: name))
    }
}
