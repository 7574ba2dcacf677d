import Reprise

extension RecordedInvocation {
    /// Everything about it in words: a line for the invocation, and a table with a line for each journal entry.
    public var table: String {
        let rows = journal.map { operation in
            [
                String(operation.index), operation.kind.rawValue, operation.name ?? "", operation.status.rawValue,
                String(operation.attempts), operation.waitSeconds.map { "\($0) s" } ?? "",
                operation.result.map(\.words) ?? operation.lastFailure ?? "",
            ]
        }
        let end = result.map { ": \($0.words)" } ?? lastFailure.map { ": \($0)" } ?? ""
        return "\(address.path) \(status.rawValue)\(end)\n" + aligned([Self.heads] + rows)
    }

    private static let heads = ["#", "kind", "name", "status", "attempts", "wait", "result"]

    private func aligned(_ rows: [[String]]) -> String {
        let widths = Self.heads.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let cells = zip(row, widths).map { $0 + String(repeating: " ", count: max(0, $1 - $0.count)) }
            let line = "  " + cells.joined(separator: "  ")
            return String(line.reversed().drop { $0 == " " }.reversed()) + "\n"
        }.joined()
    }
}

extension OperationResult {
    private static let shownMax = 80

    /// Bytes as text, shortened; an error by its code and message.
    var words: String {
        switch self {
        case .success(let bytes):
            let text = String(decoding: bytes, as: UTF8.self)
            return text.count > Self.shownMax ? text.prefix(Self.shownMax) + "…" : text
        case .failure(let error): return "error \(error.code): \(error.message)"
        }
    }
}

extension HandlerAddress {
    /// As in a URL.
    var path: String { [service, key, handler].compactMap { $0 }.joined(separator: "/") }
}
