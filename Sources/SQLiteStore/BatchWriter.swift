import DurableModel
import GRDB

/// The statements of a commit, prepared once on the writing connection. Used only inside its accesses.
final class BatchWriter {
    let transaction: WriteTransaction
    private let insertInvocation: PreparedStatement
    private let updateInvocation: PreparedStatement
    private let deleteInvocation: PreparedStatement
    private let insertLargeInput: PreparedStatement
    private let deleteLargeInput: PreparedStatement
    private let insertEntry: PreparedStatement
    private let updateEntry: PreparedStatement
    private let deleteEntry: PreparedStatement
    private let putPromise: PreparedStatement
    private let deletePromise: PreparedStatement
    private let putTimer: PreparedStatement
    private let deleteTimer: PreparedStatement
    private let putMeta: PreparedStatement
    private let brief: BriefRows.Writer
    private let packed: PackedRows.Writer
    private let state: StateWriter
    /// Whether the commit at hand has many changes: then brief results are packed, and state goes to its table later.
    private var isBusy = false

    init(_ db: Database, _ recent: RecentState) throws {
        transaction = try WriteTransaction(on: db)
        insertInvocation = try PreparedStatement(InvocationColumns.insert, on: db)
        updateInvocation = try PreparedStatement(InvocationColumns.update, on: db)
        deleteInvocation = try PreparedStatement("DELETE FROM lasting WHERE serial = ?", on: db)
        insertLargeInput = try PreparedStatement("INSERT INTO large_input (serial, body) VALUES (?, ?)", on: db)
        deleteLargeInput = try PreparedStatement("DELETE FROM large_input WHERE serial = ?", on: db)
        insertEntry = try PreparedStatement(
            "INSERT INTO journal (serial, idx, kind, name, command, detail, completion) VALUES (?, ?, ?, ?, ?, ?, ?)",
            on: db)
        updateEntry = try PreparedStatement(
            "UPDATE journal SET detail = ?, completion = ? WHERE serial = ? AND idx = ?", on: db)
        deleteEntry = try PreparedStatement("DELETE FROM journal WHERE serial = ? AND idx = ?", on: db)
        putPromise = try PreparedStatement(
            "INSERT OR REPLACE INTO promise (service, key, name, content) VALUES (?, ?, ?, ?)", on: db)
        deletePromise = try PreparedStatement(
            "DELETE FROM promise WHERE service = ? AND key = ? AND name = ?", on: db)
        putTimer = try PreparedStatement(
            "INSERT OR REPLACE INTO timer (serial, slot, due_ms) VALUES (?, ?, ?)", on: db)
        deleteTimer = try PreparedStatement("DELETE FROM timer WHERE serial = ? AND slot = ?", on: db)
        putMeta = try PreparedStatement("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", on: db)
        brief = try BriefRows.Writer(db)
        packed = try PackedRows.Writer(db)
        state = try StateWriter(db, recent)
    }

    /// The last transaction is durable.
    func committed() { state.committed() }

    /// Nothing of the last transaction was written.
    func rolledBack() {
        brief.rolledBack()
        packed.rolledBack()
        state.rolledBack()
    }

    /// From so many rows on a commit is one of a busy server. What fewer bring lies in tables that people can read.
    static let rowsOfBusy = 16

    func write(_ batch: Batch) throws {
        isBusy = batch.rowCount >= Self.rowsOfBusy
        try writeChanges(of: batch)
        try packed.finish()
        try state.finish()
    }

    /// Brings `state` up to date with everything that was ever committed.
    func settleState() throws { try state.settle() }

    private func writeChanges(of batch: Batch) throws {
        var leaving: [InvocationSerial] = []
        try batch.forEachChange { mutation in
            if case .deleteInvocation(let serial) = mutation {
                leaving.append(serial)
            } else {
                try delete(&leaving)
                try write(mutation)
            }
        }
        try delete(&leaving)
    }

    /// Those who leave together are mostly the oldest results.
    private func delete(_ leaving: inout [InvocationSerial]) throws {
        guard !leaving.isEmpty else { return }
        if leaving.count > 1 { leaving = try packed.delete(leaving) }
        if try !brief.delete(neighbours: leaving) { for serial in leaving { try delete(serial) } }
        leaving.removeAll(keepingCapacity: true)
    }

    private func write(_ mutation: Mutation) throws {
        switch mutation {
        case .insertInvocation(let serial, let record): try insert(record, serial)
        case .updateInvocation(let serial, let progress): try update(progress, serial)
        case .deleteInvocation(let serial): try delete(serial)
        case .insertEntry(let serial, let index, let entry): try insert(entry, serial, index)
        case .updateEntry(let serial, let index, let entry): try update(entry, serial, index)
        case .deleteEntry(let serial, let index):
            try run(deleteEntry) {
                $0.bind(serial.rawValue)
                $0.bind(index)
            }
        case .putState(let object, let name, let value):
            try write(StateChange(object: object, name: name, value: value))
        case .deleteState(let object, let name): try write(StateChange(object: object, name: name, value: nil))
        case .putPromise(let object, let name, let promise):
            try run(putPromise) {
                $0.bind(object.service)
                $0.bind(object.key)
                $0.bind(name)
                $0.bind(StoredForm.bytes { $0.promise(promise) })
            }
        case .deletePromise(let object, let name):
            try run(deletePromise) {
                $0.bind(object.service)
                $0.bind(object.key)
                $0.bind(name)
            }
        case .putTimer(let timer, let dueMs):
            try run(putTimer) {
                $0.bind(timer.serial.rawValue)
                $0.bind(timer.slot.stored)
                $0.bind(dueMs)
            }
        case .deleteTimer(let timer):
            try run(deleteTimer) {
                $0.bind(timer.serial.rawValue)
                $0.bind(timer.slot.stored)
            }
        case .putMeta(let key, let value):
            try run(putMeta) {
                $0.bind(key.rawValue)
                $0.bind(value)
            }
        }
    }

    private func write(_ change: StateChange) throws {
        try state.write(change, isBusy: isBusy)
    }

    func write(commitNumber: Int64) throws {
        try run(putMeta) {
            $0.bind(CommitNumber.key)
            $0.bind(commitNumber)
        }
    }

    private func insert(_ record: InvocationRecord, _ serial: InvocationSerial) throws {
        if isBusy, try packed.add(record, serial) { return }
        if try brief.insert(record, serial) { return }
        try insertLasting(record, serial)
    }

    private func insertLasting(_ record: InvocationRecord, _ serial: InvocationSerial) throws {
        let input = record.acceptance.input
        let isLarge = input.count > InvocationColumns.inlineInputBytesMax
        try run(insertInvocation) {
            $0.bind(serial.rawValue)
            $0.bind(record.progress)
            $0.bind(record.acceptance)
            if isLarge { $0.bindNull() } else { $0.bind(input) }
        }
        if isLarge {
            try run(insertLargeInput) {
                $0.bind(serial.rawValue)
                $0.bind(input)
            }
        }
    }

    private func update(_ progress: Progress, _ serial: InvocationSerial) throws {
        let write = { [self] in
            try run(updateInvocation) {
                $0.bind(progress)
                $0.bind(serial.rawValue)
            }
        }
        try write()
        if updateInvocation.changedRows == 0, try becomesLasting(serial) { try write() }
        try requireOneRow(updateInvocation, "invocation \(serial.rawValue)")
    }

    /// A brief one that changes. False when there is none.
    private func becomesLasting(_ serial: InvocationSerial) throws -> Bool {
        if try brief.giveUp(serial) { return true }
        guard let record = try packed.take(serial) else { return false }
        try insertLasting(record, serial)
        return true
    }

    private func delete(_ serial: InvocationSerial) throws {
        if try brief.delete(serial) { return }
        try run(deleteInvocation) { $0.bind(serial.rawValue) }
        if deleteInvocation.changedRows == 0, try packed.delete([serial]).isEmpty { return }
        try run(deleteLargeInput) { $0.bind(serial.rawValue) }
    }

    private func insert(_ entry: JournalEntry, _ serial: InvocationSerial, _ index: Int) throws {
        try run(insertEntry) {
            $0.bind(serial.rawValue)
            $0.bind(index)
            $0.bind(entry.command.storedKind)
            $0.bind(entry.command.storedName)
            $0.bind(StoredForm.bytes { $0.command(entry.command) })
            $0.bind(detailAndCompletionOf: entry)
        }
    }

    private func update(_ entry: JournalEntry, _ serial: InvocationSerial, _ index: Int) throws {
        try run(updateEntry) {
            $0.bind(detailAndCompletionOf: entry)
            $0.bind(serial.rawValue)
            $0.bind(index)
        }
        try requireOneRow(updateEntry, "journal entry \(index) of invocation \(serial.rawValue)")
    }

    private func run(_ statement: PreparedStatement, _ bind: (PreparedStatement) -> Void) throws {
        bind(statement)
        try statement.run()
    }

    /// What was acknowledged to be on disk and is not must never pass unseen.
    private func requireOneRow(_ statement: PreparedStatement, _ row: @autoclosure () -> String) throws {
        guard statement.changedRows == 1 else {
            throw StoreError(.fatal, "a commit changes \(row()), which is not stored")
        }
    }
}

extension PreparedStatement {
    fileprivate func bind(detailAndCompletionOf entry: JournalEntry) {
        switch entry.detail {
        case .none: bindNull()
        case let detail: bind(StoredForm.bytes { $0.detail(detail) })
        }
        bind(entry.completion == nil ? nil : StoredForm.bytes { $0.completion(of: entry) })
    }
}

extension Command {
    /// For people who read the journal with a SQLite shell.
    fileprivate var storedKind: StaticString {
        switch self {
        case .getState: "getState"
        case .getStateNames: "getStateNames"
        case .setState: "setState"
        case .clearState: "clearState"
        case .clearAllState: "clearAllState"
        case .run: "run"
        case .transaction: "transaction"
        case .call: "call"
        case .send: "send"
        case .sleep: "sleep"
        case .awakeable: "awakeable"
        case .completeAwakeable: "completeAwakeable"
        case .now: "now"
        case .getPromise: "getPromise"
        case .peekPromise: "peekPromise"
        case .completePromise: "completePromise"
        case .attach: "attach"
        case .getOutput: "getOutput"
        case .cancel: "cancel"
        case .patch: "patch"
        }
    }

    fileprivate var storedName: String? {
        switch self {
        case .getState(let name), .setState(let name, _), .clearState(let name), .run(let name, _),
            .transaction(let name, _), .getPromise(let name), .peekPromise(let name), .completePromise(let name, _),
            .patch(let name):
            name
        case .attach(let id), .getOutput(let id), .cancel(let id): id.text
        case .call(let target, _, _), .send(let target, _, _, _):
            [target.service, target.key, target.handler].compactMap(\.self).joined(separator: "/")
        case .getStateNames, .clearAllState, .sleep, .awakeable, .completeAwakeable, .now: nil
        }
    }
}

extension TimerSlot {
    var stored: Int64 {
        switch self {
        case .kill: -4
        case .cancel: -3
        case .start: -2
        case .retry: -1
        case .entry(let index): Int64(index)
        }
    }

    init(stored: Int64) {
        switch stored {
        case -4: self = .kill
        case -3: self = .cancel
        case -2: self = .start
        case -1: self = .retry
        default: self = .entry(Int(stored))
        }
    }
}
