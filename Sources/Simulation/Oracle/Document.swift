import DurableModel
import Ingress

/// A JSON document that a service has written, as checkers read it.
struct Document {
    private let value: JSONValue

    init?(_ bytes: Bytes?) {
        guard let bytes, let value = try? JSONReader.read(bytes) else { return nil }
        self.value = value
    }

    init?(_ outcome: Outcome?) {
        guard case .success(let bytes) = outcome else { return nil }
        self.init(bytes)
    }

    /// The text at the end of a path of names, numbers and truth as they are written; nil for everything else.
    func text(_ path: String...) -> String? {
        var value: JSONValue? = value
        for name in path { value = value?[name] }
        return switch value {
        case .string(let text), .number(let text): text
        case .bool(let isTrue): isTrue ? "true" : "false"
        default: nil
        }
    }
}
