import Reprise

/// The fields of a JSON object under their documented names (`order_id`) or as protobuf's JSON spells them (`orderId`).
struct Fields {
    struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(_ name: String) { stringValue = name }
        init?(stringValue: String) { self.init(stringValue) }
        init?(intValue: Int) { nil }

        var camelCase: Name {
            let words = stringValue.split(separator: "_")
            let capitalized = words.dropFirst().map { $0.prefix(1).uppercased() + $0.dropFirst() }
            return Name(words.prefix(1).joined() + capitalized.joined())
        }
    }

    private let container: KeyedDecodingContainer<Name>

    init(_ decoder: any Decoder) throws {
        container = try decoder.container(keyedBy: Name.self)
    }

    /// nil when the field is absent or null under both names.
    func optional<Value: Decodable>(_ name: String, _: Value.Type = Value.self) throws -> Value? {
        let documented = Name(name)
        return try container.decodeIfPresent(Value.self, forKey: documented)
            ?? container.decodeIfPresent(Value.self, forKey: documented.camelCase)
    }

    func required<Value: Decodable>(_ name: String, _: Value.Type = Value.self) throws -> Value {
        if let value = try optional(name, Value.self) { return value }
        throw DecodingError.keyNotFound(
            Name(name), DecodingError.Context(codingPath: container.codingPath, debugDescription: "missing"))
    }
}
