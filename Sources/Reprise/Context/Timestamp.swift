public import Foundation

/// A moment with millisecond precision, as the engine keeps time. In JSON it is the plain number.
public struct Timestamp: Codable, Comparable, Hashable, Sendable, CustomStringConvertible {
    /// Since the beginning of 1970, UTC.
    public var milliseconds: Int64

    public init(milliseconds: Int64) { self.milliseconds = milliseconds }

    public init(from decoder: any Decoder) throws {
        milliseconds = try decoder.singleValueContainer().decode(Int64.self)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(milliseconds)
    }

    /// For formatting and calendars; the only lossless way back is `milliseconds`.
    public var date: Date { Date(timeIntervalSince1970: Double(milliseconds) / 1000) }

    public var description: String { "\(milliseconds) ms" }

    public static func < (left: Timestamp, right: Timestamp) -> Bool { left.milliseconds < right.milliseconds }

    /// Later by `duration`, which counts in whole milliseconds, rounded up.
    public static func + (time: Timestamp, duration: Duration) -> Timestamp {
        Timestamp(milliseconds: time.milliseconds + duration.wholeMilliseconds)
    }

    /// The time from `right` to `left`.
    public static func - (left: Timestamp, right: Timestamp) -> Duration {
        .milliseconds(left.milliseconds - right.milliseconds)
    }
}

extension Duration {
    /// The number of milliseconds, rounded up so that nothing ends early.
    package var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        let attosecondsPerMillisecond: Int64 = 1_000_000_000_000_000
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        guard !overflow else { return seconds < 0 ? .min : .max }
        let fraction = attoseconds / attosecondsPerMillisecond
        let roundsUp = attoseconds > 0 && attoseconds % attosecondsPerMillisecond != 0
        return whole + fraction + (roundsUp ? 1 : 0)
    }
}

extension Duration {
    /// A number of minutes, each of 60 seconds.
    public static func minutes(_ count: Int) -> Duration { .seconds(count * 60) }
    /// A number of hours, each of 3,600 seconds.
    public static func hours(_ count: Int) -> Duration { .seconds(count * 3_600) }
}
