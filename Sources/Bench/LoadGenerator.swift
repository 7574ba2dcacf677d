import Glibc
import Histogram

/// A closed loop over HTTP: each of `connections` has one request under way, and sends the next when the answer is in.
/// One thread that neither allocates nor looks at more than it must while it measures, so that it leaves the cores to
/// the server.
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
    let requests: PreparedRequests

    /// What is under way at the end is waited for, so that the slowest are not left out and whoever is measured next
    /// has the machine to itself; the rate is that until then.
    ///
    /// This program looks at the clock ten times a second, whatever the server does. If it overlooked the end, it was
    /// itself stopped, and measures again: such a round says nothing of the server.
    func run(seconds: Double) throws -> Result {
        var result = try run(.max, seconds: seconds)
        for _ in 0..<3 where result.seconds > seconds + 0.5 { result = try run(.max, seconds: seconds) }
        return result
    }

    /// Exactly so many, each of them answered.
    func run(count: Int) throws -> Result { try run(count, seconds: 3_600) }

    private func run(_ count: Int, seconds: Double) throws -> Result {
        let ready = try ReadySockets()
        var clients: [KeptConnection] = []
        defer { for client in clients { close(client.descriptor) } }
        for slot in 0..<min(connections, count) {
            clients.append(try KeptConnection(port: port))
            try ready.watch(clients[slot].descriptor, as: slot)
        }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: KeptConnection.bufferBytes, alignment: 64)
        defer { buffer.deallocate() }
        var result = Result()
        var number = 0
        let start = MonotonicClock.nowNs()
        let end = start + UInt64(seconds * 1e9)
        var now = start
        for slot in clients.indices {
            try requests.send(number, on: &clients[slot], atNs: MonotonicClock.nowNs())
            number += 1
        }
        while now < end, result.requests < count {
            try ready.wait(timeoutMs: 100) { slot in
                guard let status = try clients[slot].receive(into: buffer) else { return }
                now = MonotonicClock.nowNs()
                result.requests += 1
                if !(200..<300).contains(status) { result.failures += 1 }
                result.latencies.record(now - clients[slot].sentAtNs)
                guard number < count else { return }
                try requests.send(number, on: &clients[slot], atNs: now)
                number += 1
            }
            now = MonotonicClock.nowNs()
        }
        result.seconds = Double(now - start) / 1e9
        let patience = now + Self.patienceNs
        var left = number - result.requests
        while left > 0, MonotonicClock.nowNs() < patience {
            try ready.wait(timeoutMs: 100) { slot in
                guard let status = try clients[slot].receive(into: buffer) else { return }
                if !(200..<300).contains(status) { result.failures += 1 }
                result.latencies.record(MonotonicClock.nowNs() - clients[slot].sentAtNs)
                left -= 1
            }
        }
        result.failures += left
        return result
    }

    private static let patienceNs: UInt64 = 10_000_000_000
}
