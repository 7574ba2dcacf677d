/// An optional capability of a store: statements of services on tables of their own, committed together with the
/// journal entry that asks for them.
package protocol TransactionalStore: DurableStore {
    /// Makes the tables, or brings them up to date. Called before the first step.
    func prepareTables(_ namespaces: [TableNamespace]) throws(StoreError)

    /// Executes a step and writes its result into its journal entry, in one transaction, and returns when that is
    /// synced. Called by the one who commits, between commits. After `.busy` nothing has happened.
    func execute(_ step: StoredStep) throws(StoreError) -> StepVerdict
}

/// The tables of one namespace: their names begin with it and an underscore.
package struct TableNamespace: Sendable, Equatable {
    package struct Migration: Sendable, Equatable {
        package var name: String
        package var sql: String

        package init(name: String, sql: String) {
            self.name = name
            self.sql = sql
        }
    }

    package var name: String
    package var migrations: [Migration]

    package init(name: String, migrations: [Migration]) {
        self.name = name
        self.migrations = migrations
    }
}

/// A transactional step, ready for the store.
package struct StoredStep: Sendable {
    package struct Statement: Sendable {
        package var sql: String
        package var values: [SQLCell]

        package init(sql: String, values: [SQLCell]) {
            self.sql = sql
            self.values = values
        }
    }

    /// The journal entry that asks for it; it must be on disk, and without result.
    package var serial: InvocationSerial
    package var entry: Int
    /// The rank under which the result is journaled.
    package var rank: Int
    package var namespace: String
    package var statements: [Statement]
    /// What is journaled of the result.
    package var encode: @Sendable (StepResult) throws -> Bytes

    package init(
        serial: InvocationSerial, entry: Int, rank: Int, namespace: String, statements: [Statement],
        encode: @escaping @Sendable (StepResult) throws -> Bytes
    ) {
        self.serial = serial
        self.entry = entry
        self.rank = rank
        self.namespace = namespace
        self.statements = statements
        self.encode = encode
    }
}

package enum SQLCell: Hashable, Sendable {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
    case blob(Bytes)
}

package struct StepResult: Hashable, Sendable {
    package var columns: [String] = []
    package var rows: [[SQLCell]] = []
    package var changes = 0

    package init() {}
}

package enum StepVerdict: Hashable, Sendable {
    /// Done and durable, with this result in the journal.
    case committed(Bytes)
    /// Nothing has happened, for this reason.
    case failed(String)
    /// The journal entry is not there any more, or has a result: nothing has happened.
    case unwanted
}
