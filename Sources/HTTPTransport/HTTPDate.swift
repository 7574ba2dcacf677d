import Glibc

/// The `date` field, formatted at most once a second.
struct HTTPDate {
    private(set) var text: String
    private var second: Int

    private static let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    init() {
        second = time(nil)
        text = Self.format(second)
    }

    /// Looks at the clock.
    mutating func update() {
        let now = time(nil)
        guard now != second else { return }
        second = now
        text = Self.format(now)
    }

    /// IMF-fixdate of RFC 9110 section 5.6.7.
    static func format(_ second: Int) -> String {
        var moment = second
        var parts = tm()
        gmtime_r(&moment, &parts)
        func two(_ value: Int32) -> String { value < 10 ? "0\(value)" : "\(value)" }
        let day = days[(second / 86_400) % 7]
        let month = months[Int(parts.tm_mon)]
        return "\(day), \(two(parts.tm_mday)) \(month) \(1900 + Int(parts.tm_year)) "
            + "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)) GMT"
    }
}
