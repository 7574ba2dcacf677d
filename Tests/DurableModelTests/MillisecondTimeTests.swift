import DurableModel
import Testing

@Suite struct MillisecondTimeTests {
    @Test(arguments: [
        (0, "1970-01-01T00:00:00Z"),
        (1_734_614_172_549, "2024-12-19T13:16:12.549000000Z"),
        (1_734_614_172_000, "2024-12-19T13:16:12Z"),
        (1, "1970-01-01T00:00:00.001000000Z"),
        (-1, "1969-12-31T23:59:59.999000000Z"),
        (951_782_399_999, "2000-02-28T23:59:59.999000000Z"),
        (951_782_400_000, "2000-02-29T00:00:00Z"),
        (951_868_800_000, "2000-03-01T00:00:00Z"),
        (1_709_164_800_000, "2024-02-29T00:00:00Z"),
        (1_735_603_200_000, "2024-12-31T00:00:00Z"),
        (1_735_689_600_000, "2025-01-01T00:00:00Z"),
        (4_107_456_000_000, "2100-02-28T00:00:00Z"),
        (4_107_542_400_000, "2100-03-01T00:00:00Z"),
        (-2_203_977_600_000, "1900-02-28T00:00:00Z"),
        (-2_203_891_200_000, "1900-03-01T00:00:00Z"),
        (253_402_300_799_999, "9999-12-31T23:59:59.999000000Z"),
        (253_402_300_800_000, "+10000-01-01T00:00:00Z"),
        (-62_167_219_200_000, "0000-01-01T00:00:00Z"),
        (-62_167_219_200_001, "-0001-12-31T23:59:59.999000000Z"),
        (Int64.max, "+292278994-08-17T07:12:55.807000000Z"),
        (Int64.min, "-292275055-05-16T16:47:04.192000000Z"),
    ] as [(Int64, String)])
    func rfc3339(timeMs: Int64, expected: String) {
        #expect(MillisecondTime.rfc3339(timeMs) == expected)
    }

    @Test(arguments: [
        (1_734_700_572_549, "2024-12-20T13:16:12.549+00:00"),
        (1_734_700_572_000, "2024-12-20T13:16:12+00:00"),
        (1_734_700_572_005, "2024-12-20T13:16:12.005+00:00"),
    ] as [(Int64, String)])
    func rfc3339WithOffset(timeMs: Int64, expected: String) {
        #expect(MillisecondTime.rfc3339WithOffset(timeMs) == expected)
    }

    /// Every day of four centuries follows the one before.
    @Test func calendarHasNoGap() {
        var (year, month, day) = (1900, 1, 1)
        for index in 0..<146_097 as Range<Int64> {
            let expected = [pad(year, 4), pad(month, 2), pad(day, 2)].joined(separator: "-")
            let text = MillisecondTime.rfc3339((index - 25_567) * 86_400_000)
            guard text == expected + "T00:00:00Z" else {
                Issue.record("\(text) instead of \(expected)")
                return
            }
            day += 1
            if day > daysIn(month, of: year) { (month, day) = (month + 1, 1) }
            if month > 12 { (year, month) = (year + 1, 1) }
        }
    }

    private func daysIn(_ month: Int, of year: Int) -> Int {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        return [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
    }

    private func pad(_ value: Int, _ width: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: width - text.count) + text
    }
}
