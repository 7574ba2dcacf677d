import DurableModel
import Reprise

extension TestWorld {
    /// What everybody waits for, for people.
    var stallReport: String {
        let open = disk.recordedInvocations.filter { !$0.hasEnded }
        let figures = runtime?.figures
        let steps = figures?.closuresInFlight ?? 0
        let strays = (figures?.liveAttempts ?? 0) - (figures?.parkedAttempts ?? 0)
        var lines = ["nothing goes on, and somebody waits (the clock reads \(clock.nowMs()) ms)"]
        if steps > 0 { lines.append("steps that are executing and have not returned: \(steps)") }
        if strays > 0 { lines.append("handlers that wait for something outside of their context: \(strays)") }
        if !settings.skipsTime, let dueMs = disk.timers.values.min() {
            lines.append("time stands still until `advance`: the next timer is due in \(dueMs - clock.nowMs()) ms")
        }
        lines += open.map { $0.table }
        if open.isEmpty { lines.append("every invocation has ended") }
        return lines.joined(separator: "\n")
    }
}
