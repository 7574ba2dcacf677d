import DurableModel
import Runtime

extension EventFeed {
    /// What the ids of one start of the server have in common: a time later than that of every start before.
    struct Epoch: Sendable {
        let startMs: Int64

        init(startMs: Int64) { self.startMs = startMs }

        /// The wall clock may have been set back since; what was written down never is.
        init(after recovered: RecoveredState) {
            self.init(startMs: max(WallClock().nowMs(), (recovered.meta[.clockMs] ?? 0) + 1))
        }

        func id(_ number: Int) -> String { "\(startMs)-\(number)" }

        /// nil for what is no id of this start.
        func number(of id: String) -> Int? {
            let parts = id.split(separator: "-", omittingEmptySubsequences: false)
            guard parts.count == 2, parts[0] == String(startMs),
                parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) })
            else { return nil }
            return Int(parts[1])
        }
    }
}
