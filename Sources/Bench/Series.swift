/// What was measured of one thing, round by round.
struct Series {
    private(set) var values: [Double] = []

    mutating func append(_ value: Double) { values.append(value) }

    var median: Double { at(0.5) }
    var least: Double { at(0) }
    var most: Double { at(1) }

    /// Round by round, so that a machine that is slow for a while slows both.
    func over(_ other: Series) -> Series { Series(values: zip(values, other.values).map { $0 / max($1, 1e-9) }) }

    private func at(_ quantile: Double) -> Double {
        let sorted = values.sorted()
        guard !sorted.isEmpty else { return 0 }
        return sorted[Int(Double(sorted.count - 1) * quantile)]
    }
}
