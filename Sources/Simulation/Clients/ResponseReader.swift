import DurableModel

/// Reads the server's answers from the bytes of one connection, as a client of its own would.
struct ResponseReader {
    private var bytes: Bytes = []

    mutating func append(_ more: ArraySlice<UInt8>) { bytes.append(contentsOf: more) }

    /// The next whole answer; nil while there is none. Interim answers are passed over.
    mutating func next() -> Answer? {
        while let answer = take() {
            if answer.status != 100 { return answer }
        }
        return nil
    }

    private mutating func take() -> Answer? {
        guard let headEnd = endOfHead else { return nil }
        let lines = bytes[..<headEnd].split(separator: 13, omittingEmptySubsequences: false)
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let line = line.drop { $0 == 10 }
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { continue }
            let value = line[line.index(after: colon)...].drop { $0 == 32 }
            headers[String(decoding: line[..<colon], as: UTF8.self)] = String(decoding: value, as: UTF8.self)
        }
        let status = lines.first.flatMap { line in
            line.split(separator: 32).dropFirst().first.flatMap { Int(String(decoding: $0, as: UTF8.self)) }
        }
        let length = headers["content-length"].flatMap(Int.init) ?? 0
        guard bytes.count >= headEnd + 4 + length else { return nil }
        let body = Array(bytes[(headEnd + 4)..<(headEnd + 4 + length)])
        bytes.removeFirst(headEnd + 4 + length)
        return Answer(status: status ?? 0, headers: headers, body: body)
    }

    private var endOfHead: Int? {
        guard bytes.count >= 4 else { return nil }
        return (0...(bytes.count - 4)).first { index in
            bytes[index] == 13 && bytes[index + 1] == 10 && bytes[index + 2] == 13 && bytes[index + 3] == 10
        }
    }
}
