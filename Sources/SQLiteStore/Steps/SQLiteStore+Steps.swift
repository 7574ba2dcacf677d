package import DurableModel
import GRDB

extension SQLiteStore: TransactionalStore {
    /// Throws `.unusable` for a migration that fails, or that was another one when it was made.
    package func prepareTables(_ namespaces: [TableNamespace]) throws(StoreError) {
        guard !namespaces.isEmpty else { return }
        do {
            try pool.writeWithoutTransaction { db in
                try Connections.verifyDurability(db, options)
                let connection = try StepConnection(directory.file(Schema.databaseName), options)
                for namespace in namespaces {
                    for migration in namespace.migrations {
                        let number = commits.load(ordering: .relaxed) + 1
                        if try connection.make(migration, of: namespace, as: number) {
                            commits.store(number, ordering: .relaxed)
                        }
                    }
                }
                try connection.learnTables()
                steps.connection = connection
            }
        } catch StepFailure.refused(let reason) {
            throw StoreError(.unusable, reason)
        } catch StepFailure.store(let error) {
            throw error
        } catch {
            throw StoreError(error, while: "making tables of services")
        }
    }

    package func execute(_ step: StoredStep) throws(StoreError) -> StepVerdict {
        do {
            return try pool.writeWithoutTransaction { _ in
                // Nobody is there any more who waits for it: the next start executes it.
                guard let connection = steps.connection else { return .unwanted }
                let number = commits.load(ordering: .relaxed) + 1
                guard let bytes = try connection.execute(step, commitNumber: number) else { return .unwanted }
                commits.store(number, ordering: .relaxed)
                return .committed(bytes)
            }
        } catch StepFailure.refused(let reason) {
            return .failed(reason)
        } catch StepFailure.store(let error) where error.code == .full {
            ballast.drop()
            return .failed(error.description)
        } catch StepFailure.store(let error) {
            throw error
        } catch {
            throw StoreError(error, while: "a transactional step")
        }
    }
}

extension StepConnection {
    /// Makes tables in a transaction of that number; false when they have been made before.
    func make(
        _ migration: TableNamespace.Migration, of namespace: TableNamespace, as commitNumber: Int64
    ) throws(StepFailure) -> Bool {
        let key: [SQLCell] = [.text(namespace.name), .text(migration.name)]
        let known = try run("SELECT sql FROM service_migration WHERE namespace = ? AND name = ?", key)
        if let made = known.first?.first {
            guard made == .text(migration.sql) else {
                throw StepFailure.refused(
                    "migration '\(migration.name)' of '\(namespace.name)' was made with other statements: "
                        + "a change needs a migration of its own")
            }
            return false
        }
        do throws(StepFailure) {
            try transaction(commitNumber) { () throws(StepFailure) in
                let foreign = try schema(outside: namespace.prefix)
                try executeScript(migration.sql, as: .migration(prefix: namespace.prefix))
                guard try schema(outside: namespace.prefix) == foreign else {
                    throw .refused("it makes or changes what does not begin with '\(namespace.prefix)'")
                }
                try run("INSERT INTO service_migration VALUES (?, ?, ?)", key + [.text(migration.sql)])
            }
        } catch .refused(let reason) {
            throw StepFailure.refused("migration '\(migration.name)' of '\(namespace.name)': \(reason)")
        }
        return true
    }

    /// What the statements of a step give back, as it is written down.
    func result(of step: StoredStep) throws(StepFailure) -> Bytes {
        let result = try execute(step.statements, as: .step(prefix: step.namespace + "_"))
        do {
            return try step.encode(result)
        } catch {
            throw .refused("its result cannot be written down: \(error)")
        }
    }

    /// What the step's journal entry says now; nil when nobody wants it.
    fileprivate func execute(_ step: StoredStep, commitNumber: Int64) throws(StepFailure) -> Bytes? {
        let entry: [SQLCell] = [.integer(step.serial.rawValue), .integer(Int64(step.entry))]
        let isWanted = "SELECT 1 FROM journal WHERE serial = ? AND idx = ? AND completion IS NULL"
        guard try !run(isWanted, entry).isEmpty else { return nil }
        return try transaction(commitNumber) { () throws(StepFailure) in
            let bytes = try result(of: step)
            let stored = SQLCell.blob(StoredForm.completion(of: bytes, rank: step.rank))
            try run("UPDATE journal SET completion = ? WHERE serial = ? AND idx = ?", [stored] + entry)
            return bytes
        }
    }

    /// Everything that is defined, by name, but for the tables of that prefix and what hangs on them.
    fileprivate func schema(outside prefix: String) throws(StepFailure) -> [[SQLCell]] {
        try run(
            """
            SELECT type, name, tbl_name, sql FROM sqlite_schema
            WHERE NOT (substr(lower(tbl_name), 1, length(?1)) = ?1 AND (substr(lower(name), 1, length(?1)) = ?1
                OR substr(lower(name), 1, length(?1) + 17) = 'sqlite_autoindex_' || ?1)) AND name <> 'sqlite_sequence'
            ORDER BY name
            """, [.text(prefix)])
    }
}

extension StoredForm {
    /// A result as the journal keeps it.
    fileprivate static func completion(of result: Bytes, rank: Int) -> Bytes {
        var entry = JournalEntry(.transaction(name: "", policy: nil), completion: .outcome(.success(result)))
        entry.completionRank = rank
        return bytes { $0.completion(of: entry) }
    }
}

extension TableNamespace {
    fileprivate var prefix: String { name + "_" }
}

/// @unchecked: `connection` is touched only inside accesses of the pool's writer, which run one at a time.
final class ConfinedSteps: @unchecked Sendable {
    var connection: StepConnection?
}
