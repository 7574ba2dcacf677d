import Histogram

/// Requests that come at a rate of their own, whatever becomes of those before them, as those of strangers do. Each
/// takes a connection that is free, or a new one; when there are `connectionsMax`, requests wait for one. Latencies
/// count from the moment at which a request was due, so that a wait is never left out.
struct OpenLoop {
    struct Result {
        var due = 0
        var admitted = Histogram<UInt64>(numberOfSignificantValueDigits: .three)
        /// 429 and 503.
        var refused = Histogram<UInt64>(numberOfSignificantValueDigits: .three)
        /// How long after its time a request was sent although a connection was free: what the machine took from this
        /// program, and with it probably from the server too.
        var lateness = Histogram<UInt64>(numberOfSignificantValueDigits: .three)
        var failed = 0
        /// Still under way when patience ended.
        var unanswered = 0
        var connections = 0

        func p99Ns() -> Double { Double(max(1, admitted.valueAtPercentile(99))) }
    }

    let port: Int
    let perSecond: Double
    let connectionsMax: Int
    let requests: PreparedRequests

    private static let patienceSeconds = 10.0

    /// Sends for `seconds` and waits ten more for what is under way. `warmUp`: what is due in the first seconds is not
    /// counted. `everySecond` may look at what was counted, and begin anew.
    func run(
        seconds: Double, warmUp: Double, everySecond: (inout Result) throws -> Void = { _ in }
    ) throws -> Result {
        let pool = try ConnectionPool(port: port)
        var result = Result()
        var number = 0
        var wereAllBusy = false
        let start = MonotonicClock.nowNs()
        let dueNs = { (number: Int) in start + UInt64(Double(number) / perSecond * 1e9) }
        let count = Int(perSecond * seconds)
        let firstCounted = Int(perSecond * warmUp)
        let end = start + UInt64((seconds + Self.patienceSeconds) * 1e9)
        var nextSecond = start + 1_000_000_000
        while number < count || pool.underWay > 0 {
            let now = MonotonicClock.nowNs()
            guard now < end else { break }
            if now >= nextSecond {
                nextSecond += 1_000_000_000
                result.connections = pool.count
                try everySecond(&result)
            }
            while number < count, dueNs(number) <= now {
                guard let slot = try pool.takeFree(upTo: connectionsMax) else {
                    wereAllBusy = true
                    break
                }
                if number >= firstCounted {
                    result.due += 1
                    if !wereAllBusy { result.lateness.record(now - dueNs(number)) }
                }
                try pool.send(requests, number, on: slot)
                number += 1
            }
            if number == count || dueNs(number) > now { wereAllBusy = false }
            try pool.answers(waitMs: 1) { answer in
                guard answer.number >= firstCounted else { return }
                result.count(answer.status, afterNs: MonotonicClock.nowNs() - dueNs(answer.number))
            }
        }
        result.due += count - max(number, firstCounted)
        result.unanswered = pool.underWay + count - number
        result.connections = pool.count
        return result
    }
}

extension OpenLoop.Result {
    fileprivate mutating func count(_ status: Int, afterNs latency: UInt64) {
        switch status {
        case 200..<300: admitted.record(latency)
        case 429, 503: refused.record(latency)
        default: failed += 1
        }
    }
}
