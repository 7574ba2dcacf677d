import HTTPWire

/// The parameters of a query string.
struct QueryParameters {
    private let query: Substring

    init(_ query: Substring) { self.query = query }

    /// The decoded value of the first parameter called `name` (lower case), names compared without regard to case.
    func first(_ name: String) -> String? {
        guard !query.isEmpty else { return nil }
        for parameter in query.split(separator: "&") {
            let end = parameter.firstIndex(of: "=") ?? parameter.endIndex
            guard PercentEncoding.decodedForm(parameter[..<end]).lowercased() == name else { continue }
            return PercentEncoding.decodedForm(parameter[end...].dropFirst())
        }
        return nil
    }
}
