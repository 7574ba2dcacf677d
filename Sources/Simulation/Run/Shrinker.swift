/// Makes a failing plan smaller: leaves out requests and faults as long as the same promise stays broken.
package struct Shrinker {
    private let promise: String
    private var best: SimulationPlan
    private var runsLeft: Int

    private init(_ plan: SimulationPlan, promise: String, runsMax: Int) {
        self.promise = promise
        best = plan
        runsLeft = runsMax
    }

    /// The smallest plan found within `runsMax` runs that breaks what `plan` breaks.
    package static func shrink(_ plan: SimulationPlan, promise: String, runsMax: Int = 300) -> SimulationPlan {
        var shrinker = Shrinker(plan, promise: promise, runsMax: runsMax)
        var size = Int.max
        while size > shrinker.best.size, shrinker.runsLeft > 0 {
            size = shrinker.best.size
            shrinker.shorten(\.faults)
            shrinker.shorten(\.requests)
        }
        return shrinker.best
    }

    /// Leaves out pieces, large ones first.
    private mutating func shorten<Element>(_ list: WritableKeyPath<SimulationPlan, [Element]>) {
        var length = max(1, best[keyPath: list].count / 2)
        while runsLeft > 0 {
            var start = 0
            while start < best[keyPath: list].count, runsLeft > 0 {
                var plan = best
                let end = min(start + length, plan[keyPath: list].count)
                plan[keyPath: list].removeSubrange(start..<end)
                if isBroken(plan) { best = plan } else { start = end }
            }
            if length == 1 { return }
            length /= 2
        }
    }

    private mutating func isBroken(_ plan: SimulationPlan) -> Bool {
        runsLeft -= 1
        return SimulationRun(plan).violations.contains { $0.promise == promise }
    }
}

extension SimulationPlan {
    package var size: Int { requests.count + faults.count }
}
