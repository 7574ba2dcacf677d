package import Collections

/// The changes of several turns, one per row: what is written in one transaction. Later changes of a row replace
/// earlier ones, and a row that began and ended inside the batch is forgotten. Nothing else is left out.
package struct Batch: Sendable, Equatable {
    /// The last change of each row, in the order in which rows were first touched.
    package private(set) var changes: OrderedDictionary<RowKey, Mutation> = [:]

    package init() {}

    package var rowCount: Int { changes.count }
    package var isEmpty: Bool { changes.isEmpty }

    package mutating func append(_ mutation: Mutation) {
        let key = mutation.key
        guard let earlier = changes[key] else {
            changes[key] = mutation
            return
        }
        switch (earlier, mutation) {
        case (.insertInvocation(let serial, let record), .updateInvocation(_, let progress)):
            changes[key] = .insertInvocation(
                serial, InvocationRecord(acceptance: record.acceptance, progress: progress))
        case (.insertEntry(let serial, let index, _), .updateEntry(_, _, let entry)):
            changes[key] = .insertEntry(serial, index, entry)
        case (.insertInvocation, .deleteInvocation), (.insertEntry, .deleteEntry):
            changes[key] = nil
        default:
            changes[key] = mutation
        }
    }
}
