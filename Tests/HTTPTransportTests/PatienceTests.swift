import Testing

@testable import HTTPTransport

@Suite struct PatienceTests {
    private let configuration: HTTPServerConfiguration = {
        var configuration = HTTPServerConfiguration(host: "127.0.0.1", port: 0)
        configuration.idleTimeoutMs = 60_000
        configuration.headTimeoutMs = 10_000
        configuration.bodyTimeoutMs = 30_000
        configuration.writeTimeoutMs = 60_000
        configuration.bytesPerSecondMin = 500
        return configuration
    }()

    private func expect(_ isOver: Bool, _ expected: Bool, at location: SourceLocation = #_sourceLocation) {
        #expect(isOver == expected, sourceLocation: location)
    }

    private func seconds(_ count: UInt64) -> UInt64 { count * 1_000_000_000 }

    @Test func aHeadThatTricklesInGainsNoTime() {
        var patience = Patience(nowNs: 0)
        for second in UInt64(0)...10 {
            patience.moved(1)
            patience.expect(.head, request: 0, nowNs: seconds(second))
            expect(patience.isOver(nowNs: seconds(second), configuration), false)
        }
        expect(patience.isOver(nowNs: seconds(11), configuration), true)
    }

    @Test func eachHeadHasItsOwnTime() {
        var patience = Patience(nowNs: 0)
        for request in 0..<10 {
            let now = seconds(UInt64(request) * 9)
            expect(patience.isOver(nowNs: now, configuration), false)
            patience.expect(.head, request: request, nowNs: now)
        }
    }

    @Test func aBodyMayBeSlowButNotThatSlow() {
        var slow = Patience(nowNs: 0)
        slow.expect(.body, request: 0, nowNs: 0)
        for window in UInt64(1)...5 {
            slow.moved(15_000)
            expect(slow.isOver(nowNs: seconds(31 * window), configuration), false)
        }
        slow.moved(14_999)
        expect(slow.isOver(nowNs: seconds(31 * 6), configuration), true)
    }

    @Test func whoReadsNothingIsGivenUp() {
        var patience = Patience(nowNs: 0)
        patience.expect(.reading, request: 3, nowNs: seconds(100))
        expect(patience.isOver(nowNs: seconds(160), configuration), false)
        expect(patience.isOver(nowNs: seconds(161), configuration), true)
    }

    @Test func whoWaitsForUsHasAllTheTime() {
        var patience = Patience(nowNs: 0)
        patience.expect(.nothing, request: 1, nowNs: 0)
        expect(patience.isOver(nowNs: seconds(1_000_000), configuration), false)
        patience.expect(.idle, request: 1, nowNs: seconds(1_000_000))
        expect(patience.isOver(nowNs: seconds(1_000_060), configuration), false)
        expect(patience.isOver(nowNs: seconds(1_000_061), configuration), true)
    }

    @Test func aClockThatHasNotMovedIsNotOver() {
        var patience = Patience(nowNs: 100)
        expect(patience.isOver(nowNs: 50, configuration), false)
    }
}
