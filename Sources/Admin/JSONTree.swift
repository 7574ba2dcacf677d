import DurableModel
import HTTPWire

/// A JSON document to be written. Members that are `.absent` are left out.
indirect enum JSONTree {
    case absent
    case bool(Bool)
    case number(Int64)
    case string(String)
    case array([JSONTree])
    case object([(name: String, value: JSONTree)])

    static func optional(_ value: JSONTree?) -> JSONTree { value ?? .absent }

    static func time(_ timeMs: Int64?) -> JSONTree {
        optional(timeMs.map { .string(MillisecondTime.rfc3339($0)) })
    }

    var text: [UInt8] {
        var text: [UInt8] = []
        append(to: &text)
        return text
    }

    private func append(to text: inout [UInt8]) {
        switch self {
        case .absent: text.append(contentsOf: "null".utf8)
        case .bool(let value): text.append(contentsOf: (value ? "true" : "false").utf8)
        case .number(let value): text.append(contentsOf: String(value).utf8)
        case .string(let value): JSONString.append(value, to: &text)
        case .array(let elements):
            text.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { text.append(UInt8(ascii: ",")) }
                element.append(to: &text)
            }
            text.append(UInt8(ascii: "]"))
        case .object(let members):
            text.append(UInt8(ascii: "{"))
            var needsComma = false
            for (name, value) in members {
                if case .absent = value { continue }
                if needsComma { text.append(UInt8(ascii: ",")) }
                needsComma = true
                JSONString.append(name, to: &text)
                text.append(UInt8(ascii: ":"))
                value.append(to: &text)
            }
            text.append(UInt8(ascii: "}"))
        }
    }
}
