/// A moment as text, in UTC with milliseconds. Foundation's formatter prints the wrong millisecond for half of them.
enum UTCText {
    /// `2026-11-21T10:18:48.123Z`.
    static func forJSON(_ milliseconds: Int64) -> String {
        let (date, time) = parts(milliseconds)
        return "\(date)T\(time)Z"
    }

    /// `2026-11-21 10:18:48.123`, as SQLite's own functions write it.
    static func forSQL(_ milliseconds: Int64) -> String {
        let (date, time) = parts(milliseconds)
        return "\(date) \(time)"
    }

    private static func parts(_ milliseconds: Int64) -> (date: String, time: String) {
        let dayMs: Int64 = 86_400_000
        let days = milliseconds >= 0 ? milliseconds / dayMs : (milliseconds - dayMs + 1) / dayMs
        let rest = milliseconds - days * dayMs
        let (year, month, day) = civil(days)
        let date = "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
        let time = "\(padded(rest / 3_600_000, 2)):\(padded(rest / 60_000 % 60, 2)):\(padded(rest / 1_000 % 60, 2))"
        return (date, "\(time).\(padded(rest % 1_000, 3))")
    }

    /// The Gregorian date of a day that is counted from 1970; years begin in March so that the leap day comes last.
    private static func civil(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    private static func padded(_ value: Int64, _ width: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: Swift.max(0, width - text.count)) + text
    }
}
