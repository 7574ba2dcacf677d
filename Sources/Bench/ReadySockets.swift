import CEpoll
import Glibc

/// Tells which of many sockets have something to be read, at a cost that does not grow with their number: what the
/// generator takes from the processor is missing to the server that it measures.
final class ReadySockets {
    private let descriptor: Int32
    private var events = [epoll_event](repeating: epoll_event(), count: 256)

    init() throws {
        descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard descriptor >= 0 else { throw BenchFailure("epoll: \(String(cString: strerror(errno)))") }
    }

    deinit { close(descriptor) }

    /// Until it is closed.
    func watch(_ socket: Int32, as slot: Int) throws {
        var event = epoll_event()
        event.events = EPOLLIN.rawValue
        event.data.u64 = UInt64(slot)
        guard epoll_ctl(descriptor, EPOLL_CTL_ADD, socket, &event) == 0 else {
            throw BenchFailure("epoll: \(String(cString: strerror(errno)))")
        }
    }

    /// Calls with the slot of each that is ready, after a wait of at most `timeoutMs`.
    func wait(timeoutMs: Int32, _ ready: (Int) throws -> Void) rethrows {
        let count = Int(epoll_wait(descriptor, &events, Int32(events.count), timeoutMs))
        guard count > 0 else { return }
        for index in 0..<count { try ready(Int(events[index].data.u64)) }
    }
}
