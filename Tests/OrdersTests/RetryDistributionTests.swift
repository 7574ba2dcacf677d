import Synchronization
import Testing

@testable import Orders

/// How many attempts payments need: with draws that are the same on every machine, so that the figures are exact, and
/// within the bands in which four standard deviations put any draws.
@Suite struct RetryDistributionTests {
    private struct Immediate: Waiting {
        func wait(_ duration: Duration) async throws {}
    }

    /// SplitMix64.
    private final class Draws: Sendable {
        private let state: Mutex<UInt64>

        init(seed: UInt64) { state = Mutex(seed) }

        func next() -> Int {
            state.withLock { state in
                state &+= 0x9E37_79B9_7F4A_7C15
                var z = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
                z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
                return Int((z ^ (z >> 31)) % 100)
            }
        }
    }

    private func gateway(_ draws: Draws) -> SimulatedGateway {
        SimulatedGateway(
            latency: .seconds(5), failPercent: 40, randoms: [], time: Immediate(), draw: { draws.next() })
    }

    private func attempts(_ count: Int, seed: UInt64) async -> [Int] {
        let gateway = gateway(Draws(seed: seed))
        var counts: [Int] = []
        for number in 0..<count {
            let charge = Charge(paymentID: "p\(number)", amount: Money(cents: 1_000), method: nil)
            var attempt = 1
            while case .failed = await gateway.charge(charge, attempt: attempt) { attempt += 1 }
            counts.append(attempt)
        }
        return counts
    }

    @Test func theFirstDrawsOfASeed() async {
        #expect(await attempts(20, seed: 1) == [1, 2, 2, 1, 1, 3, 2, 1, 4, 1, 2, 1, 1, 1, 1, 1, 1, 4, 3, 1])
    }

    @Test func aThousandPaymentsOfASeed() async {
        let attempts = await attempts(1_000, seed: 1)
        let rows = (1...7).map { row in attempts.count { row == 7 ? $0 >= 7 : $0 == row } }
        #expect(rows == [623, 206, 97, 46, 19, 4, 5])
        #expect(attempts.reduce(0, +) == 1667)
    }

    /// The bands of 2.6: four standard deviations.
    @Test(arguments: [UInt64](1...20))
    func theBandsHoldForEverySeed(_ seed: UInt64) async {
        for (count, share, mean) in [(200, 0.46...0.74, 1.37...1.97), (1_000, 0.54...0.66, 1.53...1.80)] {
            let attempts = await attempts(count, seed: seed)
            #expect(share.contains(Double(attempts.count { $0 == 1 }) / Double(count)))
            #expect(mean.contains(Double(attempts.reduce(0, +)) / Double(count)))
        }
    }

    /// The expected distribution, to a tenth of a percent point.
    @Test func manyPaymentsHaveTheExpectedShares() async {
        let attempts = await attempts(200_000, seed: 7)
        for (row, expected) in zip(1..., [0.6, 0.24, 0.096, 0.0384, 0.0154, 0.0061]) {
            let share = Double(attempts.count { $0 == row }) / Double(attempts.count)
            #expect(abs(share - expected) < 0.005, "\(row) attempts: \(share)")
        }
    }
}
