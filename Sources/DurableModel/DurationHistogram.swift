/// How often something took how long.
package struct DurationHistogram: Sendable, Equatable {
    /// Upper bounds of the buckets but the last, which has none.
    package static let boundsUs: [UInt64] = [
        100, 250, 500, 1000, 2500, 5000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000,
        5_000_000, 10_000_000,
    ]

    /// Per bucket, not cumulative.
    package private(set) var counts: [UInt64] = Array(repeating: 0, count: boundsUs.count + 1)
    package private(set) var sumUs: UInt64 = 0

    package init() {}

    package var count: UInt64 { counts.reduce(0, +) }

    package mutating func record(us duration: UInt64) {
        counts[Self.boundsUs.firstIndex { duration <= $0 } ?? Self.boundsUs.count] += 1
        sumUs += duration
    }
}
