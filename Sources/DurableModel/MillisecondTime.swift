/// Milliseconds since 1970 as RFC 3339 text in UTC. Own code because this target has no Foundation, whose formatter
/// prints the wrong millisecond for half of all values besides.
package enum MillisecondTime {
    /// `2024-12-19T13:16:12Z` or with exactly nine fraction digits, `2024-12-19T13:16:12.549000000Z`: the form of
    /// `executionTime` and of the admin API.
    package static func rfc3339(_ timeMs: Int64) -> String {
        text(timeMs, fractionZeros: "000000", zone: "Z")
    }

    /// `2024-12-20T13:16:12+00:00` or with three fraction digits: the form of `idempotency-expires`.
    package static func rfc3339WithOffset(_ timeMs: Int64) -> String {
        text(timeMs, fractionZeros: "", zone: "+00:00")
    }

    private static let msPerDay: Int64 = 86_400_000

    private static func text(_ timeMs: Int64, fractionZeros: StaticString, zone: StaticString) -> String {
        let (days, msOfDay) = flooredDivision(timeMs, msPerDay)
        let date = civilDate(daysSinceEpoch: days)
        var text = Bytes()
        text.reserveCapacity(32)
        appendYear(date.year, to: &text)
        for (separator, value) in [("-", date.month), ("-", date.day)] as [(Unicode.Scalar, Int64)] {
            text.append(UInt8(ascii: separator))
            append(value, width: 2, to: &text)
        }
        let clock: [(Unicode.Scalar, Int64)] = [
            ("T", msOfDay / 3_600_000), (":", msOfDay / 60_000 % 60), (":", msOfDay / 1000 % 60),
        ]
        for (separator, value) in clock {
            text.append(UInt8(ascii: separator))
            append(value, width: 2, to: &text)
        }
        if msOfDay % 1000 != 0 {
            text.append(UInt8(ascii: "."))
            append(msOfDay % 1000, width: 3, to: &text)
            text.append(contentsOf: fractionZeros.description.utf8)
        }
        text.append(contentsOf: zone.description.utf8)
        return String(decoding: text, as: UTF8.self)
    }

    /// Days to year, month and day of the proleptic Gregorian calendar, counted in 400-year eras that begin on a
    /// first of March, so that the leap day is the last day of its year.
    private static func civilDate(daysSinceEpoch: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = daysSinceEpoch + 719_468
        let (era, dayOfEra) = flooredDivision(shifted, 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        return (era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month, day)
    }

    /// Four digits; outside 0…9999 with a sign, as ISO 8601 asks of longer years.
    private static func appendYear(_ year: Int64, to text: inout Bytes) {
        if year < 0 { text.append(UInt8(ascii: "-")) }
        if year > 9999 { text.append(UInt8(ascii: "+")) }
        append(abs(year), width: 4, to: &text)
    }

    private static func append(_ value: Int64, width: Int, to text: inout Bytes) {
        let start = text.count
        var rest = value
        while rest > 0 || text.count - start < width {
            text.insert(UInt8(ascii: "0") + UInt8(rest % 10), at: start)
            rest /= 10
        }
    }

    /// The remainder is never negative.
    private static func flooredDivision(_ value: Int64, _ divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
