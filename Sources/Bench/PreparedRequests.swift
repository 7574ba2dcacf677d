/// Requests that were built before anything is measured, in one piece of memory; they are taken in turns.
struct PreparedRequests {
    private var bytes: [UInt8] = []
    private var ends: [Int] = []

    init(_ requests: [[UInt8]]) {
        for request in requests {
            bytes += request
            ends.append(bytes.count)
        }
    }

    /// The same one again and again.
    init(_ request: [UInt8]) { self.init([request]) }

    /// So many, each made from its number.
    init(_ count: Int, _ request: (Int) -> [UInt8]) { self.init((0..<count).map(request)) }

    func send(_ number: Int, on connection: inout KeptConnection, atNs: UInt64) throws {
        let index = number % ends.count
        let start = index == 0 ? 0 : ends[index - 1]
        try bytes.withUnsafeBytes { try connection.send($0[start..<ends[index]], atNs: atNs) }
    }

    static func post(_ path: String, body: String? = nil) -> [UInt8] {
        var text = "POST \(path) HTTP/1.1\r\nHost: bench\r\n"
        if let body { text += "Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n" }
        return Array((text + "\r\n" + (body ?? "")).utf8)
    }

    static func get(_ path: String) -> [UInt8] { Array("GET \(path) HTTP/1.1\r\nHost: bench\r\n\r\n".utf8) }

    /// Calls of a counter under `keys` keys, in an order in which neighbours differ. The table is as long whatever the
    /// number of keys is, so that the generator's own caches see no difference.
    static func counterCalls(keys: Int, service: String = "BenchCounter") -> PreparedRequests {
        PreparedRequests(10_000) { post("/\(service)/k\($0 * 7919 % keys)/add", body: "1") }
    }
}
