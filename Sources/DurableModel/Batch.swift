/// The changes of several turns, one per row: what is written in one transaction. Later changes of a row replace
/// earlier ones, and a row that began and ended inside the batch is forgotten. Nothing else is left out.
package struct Batch: Sendable {
    /// The last change of each row, in the order in which rows were first touched; nil for forgotten ones.
    private var slots: [Mutation?] = []
    private var places: [RowKey: Int] = [:]
    package var rowCount: Int { places.count }

    /// - Parameter rowsExpected: As many rows find room without a table growing under them.
    package init(rowsExpected: Int = 0) {
        guard rowsExpected > 0 else { return }
        slots.reserveCapacity(rowsExpected)
        places.reserveCapacity(rowsExpected)
    }

    package var isEmpty: Bool { places.isEmpty }

    /// The last change of each row, in the order in which rows were first touched.
    package var changes: some Sequence<Mutation> { slots.lazy.compactMap(\.self) }

    package mutating func append(_ mutation: Mutation) {
        let key = mutation.key
        guard let place = places[key] else {
            places[key] = slots.count
            slots.append(mutation)
            return
        }
        switch mutation {
        case .updateInvocation(_, let progress):
            if case .insertInvocation(let serial, var record) = slots[place] {
                record.progress = progress
                slots[place] = .insertInvocation(serial, record)
            } else {
                slots[place] = mutation
            }
        case .updateEntry(let serial, let index, let entry):
            slots[place] = isInsertion(place) ? .insertEntry(serial, index, entry) : mutation
        case .deleteInvocation where isInsertion(place), .deleteEntry where isInsertion(place):
            slots[place] = nil
            places[key] = nil
        default:
            slots[place] = mutation
        }
    }

    private func isInsertion(_ place: Int) -> Bool {
        switch slots[place] {
        case .insertInvocation, .insertEntry: true
        default: false
        }
    }

    /// The changes of turns that came after.
    package mutating func append(contentsOf later: Batch) {
        if slots.isEmpty {
            self = later
        } else {
            for mutation in later.changes { append(mutation) }
        }
    }
}
