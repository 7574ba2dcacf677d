import Foundation

/// A value as SQLite keeps it.
public enum SQLValue: Hashable, Sendable {
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

// In the journal: null, a number, a text, `{"real": 1.5}`, `{"blob": "base64"}`.
extension SQLValue: Codable {
    private enum CodingKeys: String, CodingKey { case real, blob }

    public init(from decoder: any Decoder) throws {
        if let container = try? decoder.container(keyedBy: CodingKeys.self) {
            if let blob = try container.decodeIfPresent(Data.self, forKey: .blob) {
                self = .blob([UInt8](blob))
            } else if let value = try? container.decode(Double.self, forKey: .real) {
                self = .real(value)
            } else {
                self = .real(try container.decode(String.self, forKey: .real) == "-inf" ? -.infinity : .infinity)
            }
            return
        }
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Int64.self) {
            self = .integer(value)
        } else {
            self = .text(try container.decode(String.self))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        switch self {
        case .null:
            var container = encoder.singleValueContainer()
            try container.encodeNil()
        case .integer(let value):
            var container = encoder.singleValueContainer()
            try container.encode(value)
        case .text(let value):
            var container = encoder.singleValueContainer()
            try container.encode(value)
        case .real(let value):
            var container = encoder.container(keyedBy: CodingKeys.self)
            // JSON has no infinity, and SQLite no "not a number".
            if value.isFinite {
                try container.encode(value, forKey: .real)
            } else {
                try container.encode(value < 0 ? "-inf" : "inf", forKey: .real)
            }
        case .blob(let bytes):
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(Data(bytes), forKey: .blob)
        }
    }
}
