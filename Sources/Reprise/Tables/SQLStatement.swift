/// One statement of a transactional step, with a value for each `?` in it. It may read and change the tables of its
/// service; transactions, pragmas, the schema and all other tables are out of its reach.
public struct SQLStatement: Hashable, Sendable {
    /// A single statement.
    public var sql: String
    /// In the order of the question marks.
    public var values: [SQLValue]

    public init(_ sql: String, _ values: SQLValue...) {
        self.sql = sql
        self.values = values
    }

    public init(_ sql: String, values: [SQLValue]) {
        self.sql = sql
        self.values = values
    }
}

extension SQLStatement: ExpressibleByStringLiteral {
    /// A statement without values.
    public init(stringLiteral sql: String) { self.init(sql) }
}

/// What a transactional step came to.
public struct SQLResult: Codable, Hashable, Sendable {
    /// The columns of the last statement; empty when it returns no rows.
    public var columns: [String]
    /// The rows of the last statement, at most a megabyte in all.
    public var rows: [[SQLValue]]
    /// How many rows all statements have inserted, updated or deleted, those by triggers included.
    public var changes: Int

    public init(columns: [String] = [], rows: [[SQLValue]] = [], changes: Int = 0) {
        self.columns = columns
        self.rows = rows
        self.changes = changes
    }
}

/// A transactional step as an engine gets it.
public struct TransactionalStep: Sendable {
    /// Executed in order, all or none.
    public let statements: [SQLStatement]
    /// What is to be journaled of the result, together with the changes.
    public let encode: @Sendable (SQLResult) throws -> [UInt8]

    public init(statements: [SQLStatement], encode: @escaping @Sendable (SQLResult) throws -> [UInt8]) {
        self.statements = statements
        self.encode = encode
    }
}
