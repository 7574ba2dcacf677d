import CEpoll
import Glibc

/// Tells which of many descriptors have something to do. A dispatch source for each costs a system call and two thread
/// switches a request: measured, a fifth of all work.
///
/// `@unchecked Sendable`: both descriptors are constant, and the kernel lets every thread use them; `events` belong to
/// the one that waits.
final class Poller: @unchecked Sendable {
    private let descriptor: Int32
    private let bell: Int32
    private let events = UnsafeMutableBufferPointer<epoll_event>.allocate(capacity: 256)

    struct Interest: OptionSet {
        let rawValue: UInt32

        static let read = Interest(rawValue: EPOLLIN.rawValue)
        static let write = Interest(rawValue: EPOLLOUT.rawValue)
        /// Told without being asked for: nothing more can be sent or come.
        static let lost = Interest(rawValue: EPOLLERR.rawValue | EPOLLHUP.rawValue)
    }

    struct Event {
        var descriptor: Int32
        var ready: Interest
    }

    init() throws(TransportError) {
        descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard descriptor >= 0 else {
            events.deallocate()
            throw Socket.failure("cannot watch connections")
        }
        bell = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        guard bell >= 0, control(EPOLL_CTL_ADD, bell, .read) else {
            let error = Socket.failure("cannot watch connections")
            events.deallocate()
            close(descriptor)
            if bell >= 0 { close(bell) }
            throw error
        }
    }

    deinit {
        events.deallocate()
        close(bell)
        close(descriptor)
    }

    /// False when the kernel has no memory for it.
    func watch(_ descriptor: Int32, _ interest: Interest) -> Bool { control(EPOLL_CTL_ADD, descriptor, interest) }

    func change(_ descriptor: Int32, to interest: Interest) { _ = control(EPOLL_CTL_MOD, descriptor, interest) }

    private func control(_ operation: Int32, _ watched: Int32, _ interest: Interest) -> Bool {
        var event = epoll_event()
        event.events = interest.rawValue
        event.data.fd = watched
        return epoll_ctl(descriptor, operation, watched, &event) == 0
    }

    /// Ends the wait that is under way, or the next one.
    func wake() {
        var one: UInt64 = 1
        _ = write(bell, &one, MemoryLayout<UInt64>.size)
    }

    /// Waits until something is ready, at most `timeoutMs`, and returns how many events there are.
    ///
    /// A closed descriptor is never told of. So it must not be closed, and its number given to another, before all
    /// events of a wait have been dealt with.
    func wait(timeoutMs: Int32) -> Int {
        max(0, Int(epoll_wait(descriptor, events.baseAddress, Int32(events.count), timeoutMs)))
    }

    /// The event with that number of the last wait; nil for the bell's.
    func event(_ number: Int) -> Event? {
        let event = events[number]
        guard event.data.fd == bell else {
            return Event(descriptor: event.data.fd, ready: Interest(rawValue: event.events))
        }
        var rings: UInt64 = 0
        _ = read(bell, &rings, MemoryLayout<UInt64>.size)
        return nil
    }
}
