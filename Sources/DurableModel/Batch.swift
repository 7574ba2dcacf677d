/// The changes of several turns, one per row: what is written in one transaction. Later changes of a row replace
/// earlier ones, and a row that began and ended inside the batch is forgotten. Nothing else is left out.
package struct Batch: Sendable {
    /// The last change of each row, in the order in which rows were first touched; nil for forgotten ones.
    private var slots: [Mutation?] = []
    private var places: [RowKey: Int] = [:]
    package var rowCount: Int { places.count }

    package init() {}

    package var isEmpty: Bool { places.isEmpty }

    /// The last change of each row, in the order in which rows were first touched.
    package var changes: some Sequence<Mutation> { slots.lazy.compactMap(\.self) }

    package mutating func append(_ mutation: Mutation) {
        let key = mutation.key
        guard let place = places[key], let earlier = slots[place] else {
            places[key] = slots.count
            slots.append(mutation)
            return
        }
        switch (earlier, mutation) {
        case (.insertInvocation(let serial, let record), .updateInvocation(_, let progress)):
            slots[place] = .insertInvocation(
                serial, InvocationRecord(acceptance: record.acceptance, progress: progress))
        case (.insertEntry(let serial, let index, _), .updateEntry(_, _, let entry)):
            slots[place] = .insertEntry(serial, index, entry)
        case (.insertInvocation, .deleteInvocation), (.insertEntry, .deleteEntry):
            slots[place] = nil
            places[key] = nil
        default:
            slots[place] = mutation
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
