package import DurableModel
import EngineCore
package import Reprise

/// A transactional step as the handler wants it, in the store's words.
struct StepText: Sendable {
    let namespace: String
    let statements: [StoredStep.Statement]
    let encode: @Sendable (StepResult) throws -> Bytes

    init(_ step: TransactionalStep, namespace: String) {
        self.namespace = namespace
        statements = step.statements.map { StoredStep.Statement(sql: $0.sql, values: $0.values.map(SQLCell.init)) }
        let encode = step.encode
        // The store calls it inside of the transaction.
        self.encode = { result in
            let bytes = try encode(SQLResult(result))
            Failpoint.hit(.insideTransaction)
            return bytes
        }
    }
}

extension AttemptOperations {
    nonisolated(nonsending) func startTransaction(
        _ name: String, retry: RunRetryPolicy?, _ step: TransactionalStep
    ) async throws -> OperationHandle {
        guard let namespace = runtime.registry.namespace(of: invocation.address.service) else {
            throw TerminalError("transaction '\(name)' is not possible: the service declares no tables")
        }
        let operation = Operation.transaction(name: name, policy: retry.map(RetryPolicy.init))
        let reply = try await perform(operation, work: .transaction(StepText(step, namespace: namespace)))
        guard case .started(let entry) = reply else { throw UnexpectedReply() }
        return OperationHandle(index: entry)
    }
}

extension Runtime {
    /// Has the committer execute the step; its result is durable when the engine hears of it.
    func execute(_ step: StepText, as run: RunID) {
        guard let driver = parts.storage as? any TransactionalDriver, let rank = run.durableRank else {
            return endRun(run, .terminal(TerminalFailure(message: "this engine keeps no tables for services")))
        }
        let stored = StoredStep(
            serial: run.serial, entry: run.entry, rank: rank, namespace: step.namespace,
            statements: step.statements, encode: step.encode)
        driver.transact(stored) { [self] verdict in
            switch verdict {
            case .committed(let bytes): endRun(run, .success(bytes))
            case .failed(let reason): endRun(run, .failed(reason))
            case .unwanted: endRun(run, .failed("nobody wants its result any more"))
            }
        }
    }
}

extension TableNamespace {
    init(_ tables: ServiceTables) {
        self.init(
            name: tables.namespace,
            migrations: tables.migrations.map { Migration(name: $0.name, sql: $0.sql) })
    }
}

extension SQLCell {
    fileprivate init(_ value: SQLValue) {
        self =
            switch value {
            case .null: .null
            case .integer(let value): .integer(value)
            case .real(let value): .real(value)
            case .text(let value): .text(value)
            case .blob(let value): .blob(value)
            }
    }
}

extension SQLValue {
    package init(_ cell: SQLCell) {
        self =
            switch cell {
            case .null: .null
            case .integer(let value): .integer(value)
            case .real(let value): .real(value)
            case .text(let value): .text(value)
            case .blob(let value): .blob(value)
            }
    }
}

extension SQLResult {
    fileprivate init(_ result: StepResult) {
        self.init(
            columns: result.columns, rows: result.rows.map { $0.map(SQLValue.init) }, changes: result.changes)
    }
}
