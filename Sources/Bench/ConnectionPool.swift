import Glibc

/// Connections to one server, opened as they are needed.
final class ConnectionPool {
    struct Answer {
        var number: Int
        var status: Int
    }

    private struct Slot {
        var client: KeptConnection
        /// What is under way.
        var number: Int?
    }

    private let port: Int
    private let ready: ReadySockets
    private let buffer = UnsafeMutableRawBufferPointer.allocate(
        byteCount: KeptConnection.bufferBytes, alignment: 64)
    private var slots: [Slot] = []
    private var free: [Int] = []
    /// Given up: nobody may take them again.
    private var closed: Set<Int> = []

    private(set) var underWay = 0
    var count: Int { slots.count - closed.count }

    init(port: Int) throws {
        self.port = port
        ready = try ReadySockets()
    }

    deinit {
        for (index, slot) in slots.enumerated() where !closed.contains(index) { close(slot.client.descriptor) }
        buffer.deallocate()
    }

    func takeFree(upTo limit: Int) throws -> Int? {
        if let slot = free.popLast() { return slot }
        guard count < limit else { return nil }
        slots.append(Slot(client: try KeptConnection(port: port)))
        try ready.watch(slots[slots.count - 1].client.descriptor, as: slots.count - 1)
        return slots.count - 1
    }

    func send(_ requests: PreparedRequests, _ number: Int, on slot: Int) throws {
        slots[slot].number = number
        underWay += 1
        try requests.send(number, on: &slots[slot].client, atNs: MonotonicClock.nowNs())
    }

    func answers(waitMs: Int32, _ each: (Answer) -> Void) throws {
        try ready.wait(timeoutMs: waitMs) { slot in
            guard let number = slots[slot].number else { return giveUp(slot) }
            guard let status = try slots[slot].client.receive(into: buffer) else { return }
            slots[slot].number = nil
            free.append(slot)
            underWay -= 1
            each(Answer(number: number, status: status))
        }
    }

    /// Nothing was asked on it: the server has closed a connection that was idle for too long, as it may.
    private func giveUp(_ slot: Int) {
        close(slots[slot].client.descriptor)
        closed.insert(slot)
        free.removeAll { $0 == slot }
    }
}
