/// The changes of several turns, one per row: what is written in one transaction. Later changes of a row replace
/// earlier ones, and a row that began and ended inside the batch is forgotten. Nothing else is left out.
package struct Batch: Sendable {
    /// Where the rows of one invocation are in `slots`: its own, and those of its journal by index. Most changes
    /// concern the invocation of the change before, so that none of them asks a dictionary.
    private struct Owner {
        let serial: InvocationSerial
        var row: Int?
        var entries: [(index: Int, place: Int?)] = []
    }

    /// The last change of each row, in the order in which rows were first touched; nil for forgotten ones.
    private var slots: [Mutation?] = []
    private var owners: [Owner] = []
    private var ownerOfSerial: [InvocationSerial: Int] = [:]
    private var places: [RowKey: Int] = [:]
    package private(set) var rowCount = 0

    /// - Parameter rowsExpected: As many rows, of whatever kind, find room without a table growing under them.
    package init(rowsExpected: Int = 0) {
        guard rowsExpected > 0 else { return }
        slots.reserveCapacity(rowsExpected)
        owners.reserveCapacity(rowsExpected)
        ownerOfSerial.reserveCapacity(rowsExpected)
        places.reserveCapacity(rowsExpected)
    }

    package var isEmpty: Bool { rowCount == 0 }

    /// The last change of each row, in the order in which rows were first touched.
    package var changes: some Sequence<Mutation> { slots.lazy.compactMap(\.self) }

    /// As a loop over `changes`, for the one who writes thousands of them.
    package func forEachChange(_ body: (Mutation) throws -> Void) rethrows {
        for case let change? in slots { try body(change) }
    }

    package mutating func append(_ mutation: Mutation) {
        switch mutation {
        case .insertInvocation(let serial, _), .updateInvocation(let serial, _), .deleteInvocation(let serial):
            let owner = owner(serial)
            owners[owner].row = put(mutation, at: owners[owner].row)
        case .insertEntry(let serial, let index, _), .updateEntry(let serial, let index, _),
            .deleteEntry(let serial, let index):
            put(mutation, at: index, of: owner(serial))
        default:
            let key = mutation.key
            places[key] = put(mutation, at: places[key])
        }
    }

    private mutating func owner(_ serial: InvocationSerial) -> Int {
        if let last = owners.last, last.serial == serial { return owners.count - 1 }
        if let owner = ownerOfSerial[serial] { return owner }
        ownerOfSerial[serial] = owners.count
        owners.append(Owner(serial: serial))
        return owners.count - 1
    }

    private mutating func put(_ mutation: Mutation, at index: Int, of owner: Int) {
        let end = owners[owner].entries.count
        if end == 0 || owners[owner].entries[end - 1].index < index {
            let place = put(mutation, at: nil)
            if end == 0 { owners[owner].entries.reserveCapacity(4) }
            return owners[owner].entries.append((index, place))
        }
        var (low, high) = (0, end)
        while low < high {
            let middle = (low + high) / 2
            if owners[owner].entries[middle].index < index { low = middle + 1 } else { high = middle }
        }
        if owners[owner].entries[low].index == index {
            owners[owner].entries[low].place = put(mutation, at: owners[owner].entries[low].place)
        } else {
            let place = put(mutation, at: nil)
            owners[owner].entries.insert((index, place), at: low)
        }
    }

    /// Returns where the row's change is now; nil when there is none any more.
    private mutating func put(_ mutation: Mutation, at place: Int?) -> Int? {
        guard let place else {
            slots.append(mutation)
            rowCount += 1
            return slots.count - 1
        }
        switch (mutation, slots[place]) {
        case (.updateInvocation(_, let progress), .insertInvocation(let serial, let record)):
            slots[place] = .insertInvocation(serial, InvocationRecord(accepted: record.accepted, progress: progress))
        case (.updateEntry(let serial, let index, let entry), .insertEntry):
            slots[place] = .insertEntry(serial, index, entry)
        case (.deleteInvocation, .insertInvocation), (.deleteEntry, .insertEntry):
            slots[place] = nil
            rowCount -= 1
            return nil
        default:
            slots[place] = mutation
        }
        return place
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
