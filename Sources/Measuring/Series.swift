/// What was measured of one thing, round by round.
package struct Series: Equatable, Sendable {
    package private(set) var values: [Double] = []

    package init(_ values: [Double] = []) { self.values = values }

    package mutating func append(_ value: Double) { values.append(value) }

    package var median: Double { at(0.5) }
    package var least: Double { at(0) }
    package var most: Double { at(1) }

    /// Round by round, so that a machine that is slow for a while slows both.
    package func over(_ other: Series) -> Series { Series(zip(values, other.values).map { $0 / max($1, 1e-9) }) }

    /// A quarter of the rounds or more say otherwise than the rest. One round of many in which the machine did
    /// something else does not count.
    package func isDivided(_ holds: (Double) -> Bool) -> Bool {
        let yes = values.count(where: holds)
        let fewer = min(yes, values.count - yes)
        return fewer > 0 && fewer * 4 >= values.count
    }

    /// The mean of the last third of the values by that of the third before it: how much something still grows once it
    /// has had time to settle. nil with fewer than three values.
    package var growthInLastThird: Double? {
        let third = values.count / 3
        guard third > 0 else { return nil }
        let last = values.suffix(third).reduce(0, +)
        let before = values.dropLast(third).suffix(third).reduce(0, +)
        return last / max(before, 1e-9)
    }

    private func at(_ quantile: Double) -> Double {
        let sorted = values.sorted()
        guard !sorted.isEmpty else { return 0 }
        return sorted[Int(Double(sorted.count - 1) * quantile)]
    }
}
