import Foundation
import Glibc
import Measuring

/// What processes have taken of the processor: on a machine with other work it says more than a rate does.
enum ProcessorTime {
    /// In microseconds, since the process began. The kernel counts in steps of ten milliseconds.
    static func microseconds(of process: Int32) -> Double {
        let stat = (try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)) ?? ""
        let ticksPerSecond = Double(sysconf(Int32(_SC_CLK_TCK)))
        return Double(ProcessorTicks.total(stat: stat) ?? 0) / ticksPerSecond * 1e6
    }
}
