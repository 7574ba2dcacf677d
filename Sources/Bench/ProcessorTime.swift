import Foundation
import Glibc
import Measuring

/// What processes have taken of the processor: on a machine with other work it says more than a rate does. In
/// microseconds; the kernel counts in steps of ten milliseconds.
enum ProcessorTime {
    /// Since the process began.
    static func microseconds(of process: Int32) -> Double {
        total("/proc/\(process)/stat") { ProcessorTicks.total(stat: $0) }
    }

    /// Of this program and all that it started and saw the end of.
    static func ofAllOfThis() -> Double {
        total("/proc/self/stat") { ProcessorTicks.total(stat: $0, withChildren: true) }
    }

    /// Of everything on all cores.
    static func ofTheMachine() -> Double { total("/proc/stat") { ProcessorTicks.busy(machineStat: $0) } }

    private static func total(_ path: String, _ ticks: (String) -> Int?) -> Double {
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        return Double(ticks(text) ?? 0) / Double(sysconf(Int32(_SC_CLK_TCK))) * 1e6
    }
}
