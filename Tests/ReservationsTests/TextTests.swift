import Foundation
import Reprise
import Testing

@testable import Reservations

@Suite struct TextTests {
    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000Z"), (1_765_013_400_000, "2025-12-06T09:30:00.000Z"),
        (951_782_399_999, "2000-02-28T23:59:59.999Z"), (951_782_400_000, "2000-02-29T00:00:00.000Z"),
        (4_107_542_399_001, "2100-02-28T23:59:59.001Z"), (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
    ] as [(Int64, String)])
    func instants(_ ms: Int64, _ text: String) {
        #expect(Instant(Timestamp(milliseconds: ms)).description == text)
        #expect(Instant(text)?.timestamp.milliseconds == ms)
    }

    @Test func daysOfFourCenturiesComeBack() throws {
        let formatter = ISO8601DateFormatter()
        for day in stride(from: Int64(-25_567), through: 120_000, by: 11) {
            let instant = Instant(Timestamp(milliseconds: day * 86_400_000 + 1))
            #expect(Instant(instant.description) == instant)
            guard day % 97 == 0 else { continue }
            let expected = formatter.string(from: Date(timeIntervalSince1970: Double(day) * 86_400))
            #expect(instant.description.prefix(10) == expected.prefix(10))
        }
    }

    @Test(arguments: [
        "", "2025-12-06", "2025-12-06T09:30:00Z", "2025-12-06T09:30:00.000+01:00", "2025-12-06 09:30:00.000Z",
        "2025-12-06T09:30:00.0000Z", "+025-12-06T09:30:00.000Z", "2025-12-06T09:30:00.000z",
    ])
    func whatIsNoInstant(_ text: String) {
        #expect(Instant(text) == nil)
    }

    @Test(arguments: [
        (900_000, "15 minutes", "15-minute"), (60_000, "1 minute", "1-minute"), (90_000, "90 seconds", "90-second"),
        (1_000, "1 second", "1-second"), (1_500, "1500 milliseconds", "1500-millisecond"),
    ] as [(Int64, String, String)])
    func lengths(_ ms: Int64, _ full: String, _ attribute: String) {
        #expect(HoldText(ms: ms).full == full)
        #expect(HoldText(ms: ms).attribute == attribute)
    }

    @Test(arguments: [(900_000, "15m 0s"), (899_999, "14m 59s"), (59_999, "0m 59s"), (1, "0m 0s")] as [(Int64, String)])
    func remainders(_ ms: Int64, _ text: String) {
        #expect(HoldText.minutesAndSeconds(ms: ms) == text)
    }

    @Test func theHoldIsConfigured() throws {
        #expect(try ReservationsConfiguration(environment: [:]).holdMs == 900_000)
        #expect(try ReservationsConfiguration(environment: ["RESERVATION_HOLD_MS": ""]).holdMs == 900_000)
        #expect(try ReservationsConfiguration(environment: ["RESERVATION_HOLD_MS": "2000"]).holdMs == 2_000)
        for value in ["0", "-5", "+5", "1.5", "soon", "99999999999999999999"] {
            let error = #expect(throws: ReservationsConfigurationError.self) {
                try ReservationsConfiguration(environment: ["RESERVATION_HOLD_MS": value])
            }
            #expect(error?.description.hasSuffix("not '\(value)'") == true)
        }
    }
}
