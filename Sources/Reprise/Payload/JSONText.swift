import Foundation

/// Foundation's JSON in the one form that may be journaled and compared: keys sorted (their order differs from process
/// to process otherwise) and slashes bare.
enum JSONText {
    private static let encoder: JSONEncoder = {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }()
    private static let decoder = JSONDecoder()

    static func encode(_ value: some Encodable) throws -> [UInt8] {
        [UInt8](try encoder.encode(value))
    }

    static func decode<Value: Decodable>(_: Value.Type, from bytes: [UInt8]) throws -> Value {
        try decoder.decode(Value.self, from: Data(bytes))
    }
}

/// One line that tells the sender of a body, or the reader of a log, what does not decode.
func decodingProblem(_ error: any Error) -> String {
    guard let error = error as? DecodingError else { return String(describing: error) }
    switch error {
    case .keyNotFound(let key, let context):
        return "missing field '\(path(context.codingPath + [key]))'"
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
        return place(context) + context.debugDescription
    case .dataCorrupted(let context):
        return place(context) + context.debugDescription
    @unknown default:
        return String(describing: error)
    }
}

private func place(_ context: DecodingError.Context) -> String {
    context.codingPath.isEmpty ? "" : "field '\(path(context.codingPath))': "
}

private func path(_ keys: [any CodingKey]) -> String {
    keys.map(\.stringValue).joined(separator: ".")
}
