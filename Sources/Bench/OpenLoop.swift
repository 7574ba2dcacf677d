import Dispatch
import Glibc
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
        var failed = 0
        /// Still under way when patience ended.
        var unanswered = 0
        var connections = 0
    }

    let port: Int
    let perSecond: Double
    let connectionsMax: Int
    /// The bytes of the n-th request.
    let request: (Int) -> [UInt8]

    /// Sends for `seconds` and waits ten more for what is under way. `warmUp`: what is due in the first seconds is not
    /// counted.
    func run(seconds: Double, warmUp: Double) throws -> Result {
        var pool = ConnectionPool(port: port)
        defer { pool.closeAll() }
        var result = Result()
        var number = 0
        let start = DispatchTime.now().uptimeNanoseconds
        let dueNs = { (number: Int) in start + UInt64(Double(number) / perSecond * 1e9) }
        let count = Int(perSecond * seconds)
        let firstCounted = Int(perSecond * warmUp)
        result.due = count - firstCounted
        let end = start + UInt64((seconds + 10) * 1e9)
        while number < count || pool.underWay > 0 {
            let now = DispatchTime.now().uptimeNanoseconds
            guard now < end else { break }
            while number < count, dueNs(number) <= now {
                guard let slot = try pool.takeFree(upTo: connectionsMax) else { break }
                pool.send(request(number), on: slot, number: number)
                number += 1
            }
            for answer in try pool.answers(waitMs: 1) where answer.number >= firstCounted {
                let latency = DispatchTime.now().uptimeNanoseconds - dueNs(answer.number)
                switch answer.status {
                case 200..<300: result.admitted.record(latency)
                case 429, 503: result.refused.record(latency)
                default: result.failed += 1
                }
            }
        }
        result.unanswered = pool.underWay + count - number
        result.connections = pool.count
        return result
    }
}

/// Connections to one server. Only those with a request under way are polled.
private struct ConnectionPool {
    struct Answer {
        var number: Int
        var status: Int
    }

    private let port: Int
    private var clients: [KeptConnection] = []
    private var free: [Int] = []
    /// Of the connections with a request under way, in the same order: what is polled, who it is, what it was asked.
    private var polled: [pollfd] = []
    private var slots: [Int] = []
    private var numbers: [Int] = []

    var count: Int { clients.count }
    var underWay: Int { polled.count }

    init(port: Int) { self.port = port }

    func closeAll() {
        for client in clients { close(client.descriptor) }
    }

    mutating func takeFree(upTo limit: Int) throws -> Int? {
        if let slot = free.popLast() { return slot }
        guard clients.count < limit else { return nil }
        clients.append(try KeptConnection(port: port))
        return clients.count - 1
    }

    mutating func send(_ bytes: [UInt8], on slot: Int, number: Int) {
        polled.append(pollfd(fd: clients[slot].descriptor, events: Int16(POLLIN), revents: 0))
        slots.append(slot)
        numbers.append(number)
        clients[slot].send(bytes)
    }

    mutating func answers(waitMs: Int32) throws -> [Answer] {
        guard poll(&polled, nfds_t(polled.count), waitMs) > 0 else { return [] }
        var answers: [Answer] = []
        // From the end: the last one takes the place of one that is answered.
        for index in polled.indices.reversed() where polled[index].revents != 0 {
            guard let status = try clients[slots[index]].receive() else { continue }
            answers.append(Answer(number: numbers[index], status: status))
            free.append(slots[index])
            remove(index)
        }
        return answers
    }

    private mutating func remove(_ index: Int) {
        polled.swapAt(index, polled.count - 1)
        slots.swapAt(index, slots.count - 1)
        numbers.swapAt(index, numbers.count - 1)
        polled.removeLast()
        slots.removeLast()
        numbers.removeLast()
    }
}
