import Foundation
import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A file that says that the process ended by a trap of its own (a failed precondition, a bad memory access) and was
/// not killed from outside. What was executing then is under suspicion at the next start.
enum TrapMarker {
    private static let signals = [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE, SIGABRT]

    /// What the signal handler needs, laid out before any signal can come: a handler may neither allocate nor lock.
    private struct Prepared {
        let path: UnsafeMutablePointer<CChar>
        /// The actions that were in force before, by signal number.
        let earlier: UnsafeMutablePointer<sigaction>
    }

    /// The address of the one `Prepared`, 0 until it is there.
    private static let prepared = Atomic<UInt>(0)

    /// Whether the last process on this directory trapped. The mark is taken away.
    static func take(in directory: String) -> Bool { unlink(path(in: directory)) == 0 }

    private static func path(in directory: String) -> String { directory + "/trap" }

    /// From now on a trap leaves its mark in the directory.
    static func install(in directory: String) {
        // Held for the life of the process: a trap may come at its very end.
        let memory = UnsafeMutablePointer<Prepared>.allocate(capacity: 1)
        let earlier = UnsafeMutablePointer<sigaction>.allocate(capacity: 65)
        earlier.initialize(repeating: sigaction(), count: 65)
        guard let path = strdup(path(in: directory)) else { return }
        memory.initialize(to: Prepared(path: path, earlier: earlier))
        let address = UInt(bitPattern: memory)
        let isFirst = prepared.compareExchange(expected: 0, desired: address, ordering: .releasing).exchanged
        guard isFirst else { return }
        for signal in signals {
            var action = sigaction()
            action.__sigaction_handler.sa_handler = { TrapMarker.leaveMark($0) }
            // On the stack that a backtracer may have set up: the faulting one may be used up.
            action.sa_flags = Int32(SA_ONSTACK)
            sigaction(signal, &action, earlier + Int(signal))
        }
    }

    /// In the signal handler: marks, then lets what was in force before handle the signal, which comes again.
    private static func leaveMark(_ signal: Int32) {
        let address = prepared.load(ordering: .acquiring)
        guard let prepared = UnsafeMutablePointer<Prepared>(bitPattern: address) else { return }
        let descriptor = open(prepared.pointee.path, O_CREAT | O_WRONLY | O_CLOEXEC, 0o600)
        if descriptor >= 0 { close(descriptor) }
        sigaction(signal, prepared.pointee.earlier + Int(signal), nil)
    }
}
