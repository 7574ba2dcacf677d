import DurableModel

/// A request target of the admin API, taken apart and decoded.
struct AdminRequest {
    let path: String
    /// Without the optional prefix `v2`, `v3` or `v4`.
    let segments: [String]
    private let parameters: [(name: String, value: String)]

    init(_ target: String) {
        let end = target.utf8.firstIndex(of: UInt8(ascii: "?")) ?? target.endIndex
        path = String(target[..<end])
        let all = path.split(separator: "/").map { Self.decoded($0, plusIsSpace: false) }
        segments = ["v2", "v3", "v4"].contains(all.first) ? Array(all.dropFirst()) : all
        parameters = target[end...].dropFirst().split(separator: "&").map { parameter in
            let end = parameter.firstIndex(of: "=") ?? parameter.endIndex
            return (
                Self.decoded(parameter[..<end], plusIsSpace: true),
                Self.decoded(parameter[end...].dropFirst(), plusIsSpace: true)
            )
        }
    }

    func invocationFilter() throws(AdminError) -> InvocationFilter {
        let maxLimit = 1000
        var filter = InvocationFilter(service: first("service"), key: first("key"), limit: 100)
        if let name = first("status") {
            guard let status = InvocationStatus.allCases.first(where: { $0.shown == name }) else {
                let names = InvocationStatus.allCases.map(\.shown).joined(separator: ", ")
                throw .badParameter("status", value: name, expected: "one of " + names)
            }
            filter.status = status
        }
        if let text = first("limit") {
            // `Int` would take a sign as well.
            guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
                let limit = Int(text), (1...maxLimit).contains(limit)
            else { throw .badParameter("limit", value: text, expected: "a number from 1 to \(maxLimit)") }
            filter.limit = limit
        }
        return filter
    }

    func first(_ name: String) -> String? { parameters.first { $0.name == name }?.value }

    private static func decoded(_ text: Substring, plusIsSpace: Bool) -> String {
        let source = Array(text.utf8)
        var bytes: [UInt8] = []
        var index = 0
        while index < source.count {
            if source[index] == UInt8(ascii: "%"), index + 2 < source.count,
                let high = Character(Unicode.Scalar(source[index + 1])).hexDigitValue,
                let low = Character(Unicode.Scalar(source[index + 2])).hexDigitValue
            {
                bytes.append(UInt8(high << 4 | low))
                index += 3
            } else {
                bytes.append(plusIsSpace && source[index] == UInt8(ascii: "+") ? UInt8(ascii: " ") : source[index])
                index += 1
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
