import DurableModel
import GRDB

/// Changes of state on their way to the table. Each touches a page of its own when objects are many, so those of a
/// busy server's commit go into one row of `recent_state` first, and into `state` later, together: of an object that
/// changes often only the last one does. A checkpoint that finds the server less busy brings the table up to date, so
/// that people see there what they have done. Used only inside accesses of the writing connection.
final class StateWriter {
    private let recent: RecentState
    private let put: PreparedStatement
    private let delete: PreparedStatement
    private let insertChanges: PreparedStatement
    private let deleteChanges: PreparedStatement
    /// Of the commit at hand.
    private var changes: [StateChange] = []
    private var isBusy = false
    private var isSettling = false
    /// That are committed and not settled.
    private var rowCount = 0
    private var hasNewRow = false

    /// More rows to read at a start, and a longer commit that settles them, for ever fewer changes that are spared.
    private static let rowsMax = 500
    /// To write large values twice would cost more than the pages that are spared.
    private static let rowBytesMax = 32 << 10

    /// What an earlier process has left in `recent_state` is `recent` from here on.
    init(_ db: Database, _ recent: RecentState) throws {
        self.recent = recent
        put = try PreparedStatement(
            "INSERT OR REPLACE INTO state (service, key, name, value) VALUES (?, ?, ?, ?)", on: db)
        delete = try PreparedStatement("DELETE FROM state WHERE service = ? AND key = ? AND name = ?", on: db)
        insertChanges = try PreparedStatement("INSERT INTO recent_state (changes) VALUES (?)", on: db)
        deleteChanges = try PreparedStatement("DELETE FROM recent_state", on: db)
        try Self.eachRow(db) { changes in
            do {
                recent.add(try changes(), isBusy: false)
            } catch let failure as DecodingFailure {
                throw StoreError(
                    .fatal, "recent_state does not decode (\(failure)): restore a backup into a new directory")
            }
            rowCount += 1
        }
    }

    /// In the order in which they were committed. What does not decode throws when it is asked for.
    static func eachRow(_ db: Database, _ body: (() throws -> [StateChange]) throws -> Void) throws {
        try PreparedStatement("SELECT changes FROM recent_state ORDER BY number", on: db).rows { row in
            try body { try StoredForm.value(of: row.blob(0)) { try $0.list { try $0.stateChange() } } }
            return true
        }
    }

    /// Into the table at once, unless the commit is a busy server's or something older is not there yet.
    func write(_ change: StateChange, isBusy: Bool) throws {
        self.isBusy = isBusy
        if isBusy || rowCount > 0 { changes.append(change) } else { try writeToTable(change) }
    }

    /// Writes the row of this commit.
    func finish() throws {
        guard !changes.isEmpty else { return }
        let isLarge = changes.reduce(0) { $0 + ($1.value?.count ?? 0) } > Self.rowBytesMax
        if isLarge || rowCount >= Self.rowsMax || recent.isLarge { return try settle() }
        insertChanges.bind(StoredForm.bytes { $0.list(changes) { $0.stateChange($1) } })
        try insertChanges.run()
        hasNewRow = true
    }

    /// Everything of earlier commits, and what was to be written later of this one, goes into the table.
    func settle() throws {
        guard rowCount > 0 || !changes.isEmpty, !isSettling else { return }
        isSettling = true
        let settled = recent.beginSettling()
        // Neighbours share a page.
        for (object, values) in settled.sorted(by: { ($0.key.service, $0.key.key) < ($1.key.service, $1.key.key) }) {
            for (name, value) in values { try writeToTable(StateChange(object: object, name: name.text, value: value)) }
        }
        for change in changes { try writeToTable(change) }
        try deleteChanges.run()
    }

    func committed() {
        if isSettling {
            recent.endSettling(isDone: true)
            rowCount = 0
        } else if hasNewRow {
            recent.add(changes, isBusy: isBusy)
            rowCount += 1
        }
        startAnew()
    }

    func rolledBack() {
        if isSettling { recent.endSettling(isDone: false) }
        startAnew()
    }

    private func startAnew() {
        isSettling = false
        hasNewRow = false
        changes.removeAll(keepingCapacity: true)
    }

    private func writeToTable(_ change: StateChange) throws {
        let statement = change.value == nil ? delete : put
        statement.bind(change.object.service)
        statement.bind(change.object.key)
        statement.bind(change.name)
        if let value = change.value { statement.bind(value) }
        try statement.run()
    }
}

extension ByteWriter {
    fileprivate mutating func stateChange(_ change: StateChange) {
        text(change.object.service)
        text(change.object.key)
        text(change.name)
        optional(change.value) { $0.blob($1) }
    }
}

extension ByteReader {
    fileprivate mutating func stateChange() throws -> StateChange {
        StateChange(
            object: ObjectID(service: try text(), key: try text()), name: try text(),
            value: try optional { try $0.blob() })
    }
}
