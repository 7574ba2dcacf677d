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

/// A value as SQLite keeps it.
public enum SQLValue: Codable, Hashable, Sendable {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
    case blob([UInt8])

    /// The number, nil for anything else.
    public var integer: Int64? { if case .integer(let value) = self { value } else { nil } }
    /// The number, nil for anything else; whole numbers count.
    public var real: Double? {
        switch self {
        case .real(let value): value
        case .integer(let value): Double(value)
        default: nil
        }
    }
    /// The text, nil for anything else.
    public var text: String? { if case .text(let value) = self { value } else { nil } }
    /// The bytes, nil for anything else.
    public var blob: [UInt8]? { if case .blob(let value) = self { value } else { nil } }
}

extension SQLValue: ExpressibleByNilLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByStringLiteral
{
    public init(nilLiteral: ()) { self = .null }
    public init(integerLiteral value: Int64) { self = .integer(value) }
    public init(floatLiteral value: Double) { self = .real(value) }
    public init(stringLiteral value: String) { self = .text(value) }
}

/// What a transactional step came to.
public struct SQLResult: Codable, Hashable, Sendable {
    /// The columns of the last statement; empty when it returns no rows.
    public var columns: [String]
    /// The rows of the last statement, at most a megabyte in all.
    public var rows: [[SQLValue]]
    /// How many rows all statements have inserted, updated or deleted.
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
