import Foundation
import Synchronization

/// Says which seeds were being run when the process ended by a trap: they are what there is to replay.
enum TrapNotice {
    private static let signals = [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE, SIGABRT]
    private static let slots = 64

    /// The address of the seeds under way plus one, 0 for none; laid out before any signal can come, because a handler
    /// may neither allocate nor lock.
    private static let memory = Atomic<UInt>(0)

    static func install() {
        let seeds = UnsafeMutablePointer<UInt64>.allocate(capacity: slots)
        seeds.initialize(repeating: 0, count: slots)
        memory.store(UInt(bitPattern: seeds), ordering: .releasing)
        for signal in signals {
            var action = sigaction()
            action.__sigaction_handler.sa_handler = { TrapNotice.tell($0) }
            action.sa_flags = Int32(SA_ONSTACK) | Int32(bitPattern: UInt32(SA_RESETHAND))
            sigaction(signal, &action, nil)
        }
    }

    static func begin(_ seed: UInt64, _ slot: Int) { note(seed + 1, slot) }

    static func end(_ slot: Int) { note(0, slot) }

    private static func note(_ value: UInt64, _ slot: Int) {
        guard slot < slots, let seeds = seeds else { return }
        seeds[slot] = value
    }

    private static var seeds: UnsafeMutablePointer<UInt64>? {
        UnsafeMutablePointer(bitPattern: memory.load(ordering: .acquiring))
    }

    /// In the signal handler; the signal comes again, and then ends the process.
    private static func tell(_ signal: Int32) {
        guard let seeds else { return }
        for slot in 0..<slots where seeds[slot] != 0 { write(seeds[slot] - 1) }
    }

    private static func write(_ seed: UInt64) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 64) { line in
            var end = line.count - 1
            line[end] = 10
            var rest = seed
            repeat {
                end -= 1
                line[end] = 48 + UInt8(rest % 10)
                rest /= 10
            } while rest > 0
            for byte in ("TRAPPED while running seed " as StaticString).withUTF8Buffer({ $0 }).reversed() {
                end -= 1
                line[end] = byte
            }
            _ = Foundation.write(1, line.baseAddress?.advanced(by: end), line.count - end)
        }
    }
}
