import ArgumentParser
import Foundation
import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Feeds seeded mutations of good inputs to one target.
struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Feeds mutated inputs to a target until the time is over or something breaks.",
        discussion: "Targets: \(FuzzTarget.all.map(\.name).joined(separator: ", ")). The same case is the same input.")

    @Argument(help: "What to feed.")
    var target: String

    @Option(help: "Seconds to go on for.")
    var seconds = 60.0

    @Option(help: "The first case; a fresh one by default.")
    var first: UInt64?

    @Option(help: "Only this case, with what it feeds.")
    var only: UInt64?

    func run() throws {
        guard let target = FuzzTarget.named(target) else { throw ValidationError("there is no target \(target)") }
        CaseAtWork.install()
        if let only {
            let input = target.input(only)
            print(String(decoding: input, as: UTF8.self).debugDescription)
            print(target.feed(input) ?? "all holds")
            return
        }
        let first = first ?? UInt64.random(in: 0..<(1 << 48))
        let deadline = ContinuousClock.now + .seconds(seconds)
        var number = first
        while number % 256 != 0 || ContinuousClock.now < deadline {
            CaseAtWork.number.store(number, ordering: .relaxed)
            if let broken = target.feed(target.input(number)) {
                print("\(target.name), case \(number): not true: \(broken)")
                print("again: Fuzz run \(target.name) --only \(number)")
                throw ExitCode(1)
            }
            number += 1
        }
        print("\(target.name): \(number - first) cases from \(first) on, all hold")
    }
}

/// Which case is being fed, for the handler of a trap.
private enum CaseAtWork {
    static let number = Atomic<UInt64>(0)

    static func install() {
        for signal in [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE, SIGABRT] {
            Glibc.signal(signal) { signal in
                CaseAtWork.tell()
                Glibc.signal(signal, SIG_DFL)
                raise(signal)
            }
        }
    }

    /// In a signal handler: neither allocates nor locks.
    private static func tell() {
        var digits: (UInt64, UInt64, UInt64) = (0, 0, 0)
        withUnsafeMutableBytes(of: &digits) { buffer in
            var rest = number.load(ordering: .relaxed)
            var position = buffer.count - 1
            buffer[position] = UInt8(ascii: "\n")
            repeat {
                position -= 1
                buffer[position] = UInt8(ascii: "0") + UInt8(rest % 10)
                rest /= 10
            } while rest > 0
            write(STDERR_FILENO, "trap in case ", 13)
            write(STDERR_FILENO, buffer.baseAddress?.advanced(by: position), buffer.count - position)
        }
    }
}
