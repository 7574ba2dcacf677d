public import HTTPTypes

/// What a route gets.
public struct RouteRequest: Sendable {
    /// As sent; a route for `GET` also sees `HEAD`.
    public var method: HTTPRequest.Method
    /// As sent, without the query.
    public var path: String
    /// The values of the pattern's `{name}` segments, percent-decoded.
    public var parameters: [String: String]
    /// Without the `?`, as sent; empty when there is none.
    public var query: String
    /// All fields, credentials included.
    public var headers: HTTPFields
    /// Complete and unframed.
    public var body: [UInt8]

    public init(
        method: HTTPRequest.Method, path: String, parameters: [String: String] = [:], query: String = "",
        headers: HTTPFields = HTTPFields(), body: [UInt8] = []
    ) {
        self.method = method
        self.path = path
        self.parameters = parameters
        self.query = query
        self.headers = headers
        self.body = body
    }

    /// The value of a `{name}` segment; empty when the pattern has no such name.
    public func parameter(_ name: String) -> String { parameters[name] ?? "" }

    /// The value of a header field, whatever the case of its name; nil when it is absent.
    public func header(_ name: String) -> String? {
        HTTPField.Name(name).flatMap { headers[$0] }
    }

    /// The first value of a query field, percent-decoded, `+` read as a space; nil when it is absent.
    public func queryValue(_ name: String) -> String? {
        for field in query.split(separator: "&") {
            let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let first = parts.first, formDecoded(first) == name else { continue }
            return parts.count == 2 ? formDecoded(parts[1]) : ""
        }
        return nil
    }

    /// The body as JSON, whatever its content type.
    ///
    /// - Throws: `InputProblem`, which becomes a 400 when it leaves the route.
    public func json<Value: Decodable>(_: Value.Type = Value.self) throws(InputProblem) -> Value {
        let value: Value
        do {
            value = try JSONText.decode(Value.self, from: body)
        } catch {
            throw InputProblem(decodingProblem(error))
        }
        if let problem = (value as? any ValidatedInput)?.problem { throw InputProblem(problem) }
        return value
    }

    private func formDecoded(_ text: Substring) -> String {
        PercentEncoding.decoded(Array(text.utf8).map { $0 == UInt8(ascii: "+") ? UInt8(ascii: " ") : $0 }[...]) ?? ""
    }
}

enum PercentEncoding {
    /// Only `%XX` is special; a malformed `%` stays. nil when the outcome is not UTF-8.
    static func decoded(_ bytes: ArraySlice<UInt8>) -> String? {
        guard bytes.contains(UInt8(ascii: "%")) else { return String(validating: bytes, as: UTF8.self) }
        var result: [UInt8] = []
        var rest = bytes
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let high = rest.first.flatMap(hexDigit),
                let low = rest.dropFirst().first.flatMap(hexDigit)
            {
                result.append(high << 4 | low)
                rest = rest.dropFirst(2)
            } else {
                result.append(byte)
            }
        }
        return String(validating: result, as: UTF8.self)
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
