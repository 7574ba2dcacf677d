import Dispatch
import Glibc
import Histogram

/// A closed loop over HTTP: each of `connections` has one request under way, and sends the next when the answer is in.
/// One thread with `poll`, so that it leaves the cores to the server.
struct LoadGenerator {
    struct Result {
        var requests = 0
        var failures = 0
        var seconds = 0.0
        /// In nanoseconds.
        var latencies = Histogram<UInt64>(numberOfSignificantValueDigits: .three)

        var perSecond: Double { Double(requests) / seconds }

        func milliseconds(at percentile: Double) -> Double {
            Double(latencies.valueAtPercentile(percentile)) / 1e6
        }
    }

    let port: Int
    let connections: Int
    /// The bytes of the n-th request.
    let request: (Int) -> [UInt8]

    func run(seconds: Double) throws -> Result {
        var clients: [KeptConnection] = []
        defer { for client in clients { close(client.descriptor) } }
        for _ in 0..<connections { clients.append(try KeptConnection(port: port)) }
        var polled = clients.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
        var result = Result()
        var number = 0
        let start = DispatchTime.now().uptimeNanoseconds
        let end = start + UInt64(seconds * 1e9)
        for index in clients.indices {
            clients[index].send(request(number))
            number += 1
        }
        while DispatchTime.now().uptimeNanoseconds < end {
            guard poll(&polled, nfds_t(polled.count), 100) > 0 else { continue }
            for index in polled.indices where polled[index].revents != 0 {
                guard let status = try clients[index].receive() else { continue }
                result.requests += 1
                if !(200..<300).contains(status) { result.failures += 1 }
                result.latencies.record(DispatchTime.now().uptimeNanoseconds - clients[index].sentAtNs)
                clients[index].send(request(number))
                number += 1
            }
        }
        result.seconds = Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
        return result
    }

    static func post(_ path: String, body: String?) -> [UInt8] {
        var text = "POST \(path) HTTP/1.1\r\nHost: bench\r\n"
        if let body { text += "Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n" }
        return Array((text + "\r\n" + (body ?? "")).utf8)
    }

    static func get(_ path: String) -> [UInt8] { Array("GET \(path) HTTP/1.1\r\nHost: bench\r\n\r\n".utf8) }
}
