/// Tables that a service keeps in the server's own data file, for transactional steps. All names begin with the
/// namespace and an underscore: `ServiceTables(namespace: "order", …)` owns `order_ledger`, and nothing else.
///
/// Services may share a namespace if they declare the same migrations. The tables are made when the server starts;
/// with the data file at hand anybody can read them, `sqlite3 reprise-data/reprise.db 'SELECT …'`, while it runs.
public struct ServiceTables: Hashable, Sendable {
    /// A step from one version of the tables to the next. Once released it is never changed.
    public struct Migration: Hashable, Sendable {
        /// Unique in its namespace; remembered when it has been made.
        public let name: String
        /// Statements that create or change tables, indexes, views and triggers of the namespace.
        public let sql: String

        public init(_ name: String, sql: String) {
            self.name = name
            self.sql = sql
        }
    }

    /// Lower-case letters and digits, a letter first.
    public let namespace: String
    /// In the order in which they are made.
    public let migrations: [Migration]

    public init(namespace: String, migrations: [Migration]) {
        self.namespace = namespace
        self.migrations = migrations
    }

    /// Prefixes of the server's own tables.
    private static let taken: Set<String> = ["large", "service", "grdb", "sqlite", "reprise"]

    /// Why it cannot be used, nil when it can.
    package var problem: String? {
        let isLowercase = namespace.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) }
        guard isLowercase, let first = namespace.utf8.first, first >= 0x61 else {
            return "namespace '\(namespace)' must be lower-case letters and digits, a letter first"
        }
        if Self.taken.contains(namespace) { return "namespace '\(namespace)' belongs to the server" }
        guard Set(migrations.map(\.name)).count == migrations.count else {
            return "two migrations of namespace '\(namespace)' have one name"
        }
        return nil
    }
}
