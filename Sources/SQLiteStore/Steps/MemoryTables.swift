package import DurableModel

/// Tables of services that are in no file, for tests: statements are judged and executed as on a disk. What they have
/// done is not undone by the end of a process.
package final class MemoryTables {
    private let connection: StepConnection
    private var transactions: Int64 = 0

    /// - Parameter timeLimitMs: How long a step may take by the machine's clock; nil: as in the server.
    package init(timeLimitMs: Int? = nil) throws(StoreError) {
        var options = StoreOptions()
        options.stepTimeLimitMs = timeLimitMs ?? options.stepTimeLimitMs
        do throws(StepFailure) {
            connection = try StepConnection(":memory:", options)
            try connection.run("CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT")
            try connection.run(Schema.third)
        } catch {
            throw StoreError(error)
        }
    }

    /// Makes the tables, or brings them up to date. Throws `.unusable` for a migration that fails, or that was another
    /// one when it was made.
    package func prepare(_ namespaces: [TableNamespace]) throws(StoreError) {
        do throws(StepFailure) {
            for namespace in namespaces {
                for migration in namespace.migrations {
                    if try connection.make(migration, of: namespace, as: transactions + 1) { transactions += 1 }
                }
            }
            try connection.learnTables()
        } catch {
            throw StoreError(error)
        }
    }

    /// Executes the statements of a step. Whether its journal entry wants it, and to write down the result there, is
    /// the caller's business.
    package func execute(_ step: StoredStep) -> StepVerdict {
        transactions += 1
        do throws(StepFailure) {
            return .committed(try connection.transaction(transactions) { () throws(StepFailure) in
                try connection.result(of: step)
            })
        } catch {
            return .failed(StoreError(error).description)
        }
    }

    /// What a query finds.
    package func rows(_ sql: String) throws(StoreError) -> [[SQLCell]] {
        do throws(StepFailure) {
            return try connection.run(sql)
        } catch {
            throw StoreError(error)
        }
    }
}

extension StoreError {
    init(_ failure: StepFailure) {
        switch failure {
        case .refused(let reason): self.init(.unusable, reason)
        case .store(let error): self = error
        }
    }
}
