import DurableModel
import SQLiteStore

/// The part of the disk that holds the tables of services. Like the rest of it, it outlives every process; statements
/// are judged and executed by the store's own code, in memory.
///
/// `@unchecked Sendable`: a simulation has one thread, and everything in it happens there.
final class ServiceTablesDisk: @unchecked Sendable {
    private let tables: MemoryTables
    /// A day: how fast the machine is must not be seen.
    private static let timeLimitMs = 86_400_000

    init() {
        do {
            tables = try MemoryTables(timeLimitMs: Self.timeLimitMs)
        } catch {
            preconditionFailure("no tables in memory: \(error)")
        }
    }

    /// A process starts.
    func prepare(_ namespaces: [TableNamespace]) {
        do {
            try tables.prepare(namespaces)
        } catch {
            preconditionFailure("a process finds tables that it cannot use: \(error)")
        }
    }

    /// All of a step's statements or none.
    func execute(_ step: StoredStep) -> StepVerdict { tables.execute(step) }

    /// What a query finds, as text.
    func rows(_ sql: String) -> [[String]] {
        guard let rows = try? tables.rows(sql) else { return [["no rows: \(sql)"]] }
        return rows.map { row in
            row.map { cell in
                switch cell {
                case .null: ""
                case .integer(let number): String(number)
                case .real(let number): String(number)
                case .text(let text): text
                case .blob(let bytes): "\(bytes)"
                }
            }
        }
    }
}
