import DurableModel
import GRDB

@testable import SQLiteStore

/// A store with the tables of one namespace, and an invocation whose journal asks for steps.
struct StepScene {
    let directory = TemporaryDirectory(isInMemory: true)
    let store: SQLiteStore
    static let serial = InvocationSerial(1)
    /// How many entries ask for a step.
    static let entries = 3

    static let namespace = TableNamespace(
        name: "test",
        migrations: [
            TableNamespace.Migration(
                name: "1", sql: "CREATE TABLE test_rows (id INTEGER PRIMARY KEY, value ANY UNIQUE) STRICT")
        ])

    init(_ change: (inout StoreOptions) -> Void = { _ in }) throws {
        store = try directory.open(change)
        try store.prepareTables([Self.namespace])
        var mutations: [Mutation] = [
            .insertInvocation(Self.serial, Samples.record(Self.serial.rawValue)), .putMeta(.serialCeiling, 100),
            .putMeta(.clockMs, .max),
        ]
        for index in 0..<Self.entries {
            mutations.append(
                .insertEntry(
                    Self.serial, index,
                    JournalEntry(.transaction(name: "step", policy: nil), detail: .run(RunProgress()))))
        }
        try store.commit(batch(mutations))
    }

    func step(_ statements: [StoredStep.Statement], entry: Int = 0) -> StoredStep {
        StoredStep(
            serial: Self.serial, entry: entry, rank: 1 << 40, namespace: "test", statements: statements
        ) { result in
            Bytes("\(result.columns) \(result.rows) \(result.changes)".utf8)
        }
    }

    /// What became of it, in words.
    func execute(_ sql: String, _ values: SQLCell..., entry: Int = 0) throws -> String {
        try execute([StoredStep.Statement(sql: sql, values: values)], entry: entry)
    }

    func execute(_ statements: [StoredStep.Statement], entry: Int = 0) throws -> String {
        switch try store.execute(step(statements, entry: entry)) {
        case .committed(let bytes): String(decoding: bytes, as: UTF8.self)
        case .failed(let reason): "failed: \(reason)"
        case .unwanted: "unwanted"
        }
    }

    func journal(of store: SQLiteStore? = nil) throws -> [JournalEntry] {
        guard case .invocation(let found?) = try (store ?? self.store).load([.invocation(Self.serial)]).first else {
            return []
        }
        return found.journal
    }

    var values: [String] { get throws { try Self.values(store) } }

    static func values(_ store: SQLiteStore) throws -> [String] {
        try store.pool.read { try String.fetchAll($0, sql: "SELECT quote(value) FROM test_rows ORDER BY id") }
    }

    /// Everything there is, but for the tables of services and the commit's number.
    var rest: [String] {
        get throws {
            try store.pool.read { db in
                let tables = try String.fetchAll(
                    db, sql: "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
                let others = tables.filter { !$0.hasPrefix("test_") && !$0.hasPrefix("sqlite_") }
                return try String.fetchAll(db, sql: "SELECT type || name || coalesce(sql, '') FROM sqlite_schema")
                    + others.flatMap { table in
                        try Row.fetchAll(db, sql: "SELECT * FROM \(table)").map { "\(table): \($0)" }
                    }
            }
        }
    }
}
