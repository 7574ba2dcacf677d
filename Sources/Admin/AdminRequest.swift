import DurableModel
import HTTPWire

/// A request target of the admin API, taken apart and decoded.
struct AdminRequest {
    let path: String
    /// Without the optional prefix `v2`, `v3` or `v4`.
    let segments: [String]
    private let parameters: [(name: String, value: String)]

    init(_ target: String) {
        let end = target.utf8.firstIndex(of: UInt8(ascii: "?")) ?? target.endIndex
        path = String(target[..<end])
        let all = path.split(separator: "/").map { PercentEncoding.decodedSegment($0) ?? String($0) }
        segments = ["v2", "v3", "v4"].contains(all.first) ? Array(all.dropFirst()) : all
        parameters = target[end...].dropFirst().split(separator: "&").map { parameter in
            let end = parameter.firstIndex(of: "=") ?? parameter.endIndex
            return (
                PercentEncoding.decodedForm(parameter[..<end]),
                PercentEncoding.decodedForm(parameter[end...].dropFirst())
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
}
