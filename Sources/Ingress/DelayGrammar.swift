/// The durations that `?delay=` accepts (ingress reference 2.1): ISO 8601 (`PT1H30M`), spans with units (`1h 30m`,
/// `1 hour, 30 minutes`, `01:02:03`), and beyond Restate a bare integer of milliseconds, which its Python client sends.
/// A day has 24 hours; there are no months or years; nothing is negative.
struct DelayGrammar {
    /// About 20,000 years, the limit of Restate's parser; keeps every sum of times inside 64 bits.
    private static let maxMs: UInt64 = 631_107_417_600_000
    private static let nsPerMs: UInt128 = 1_000_000

    private var rest: ArraySlice<UInt8>
    private var totalNs: UInt128 = 0

    /// Milliseconds, rounded up so that nothing starts too early; nil for what is not a delay.
    static func milliseconds(_ text: String) -> Int64? {
        var grammar = DelayGrammar(rest: ArraySlice(text.utf8))
        guard grammar.parse(), grammar.rest.isEmpty else { return nil }
        let milliseconds = (grammar.totalNs + nsPerMs - 1) / nsPerMs
        return milliseconds <= maxMs ? Int64(milliseconds) : nil
    }

    private init(rest: ArraySlice<UInt8>) { self.rest = rest }

    private mutating func parse() -> Bool {
        if let bare = bareMilliseconds() {
            rest = []
            return add(bare, unitNs: Self.nsPerMs)
        }
        skip(UInt8(ascii: "+"))
        if skipDesignator(UInt8(ascii: "p")) { return parseISO() }
        return parseSpan()
    }

    private func bareMilliseconds() -> UInt64? {
        guard !rest.isEmpty, rest.allSatisfy(Self.isDigit) else { return nil }
        var copy = self
        return copy.takeInteger()
    }

    // MARK: ISO 8601

    private static let isoDateUnits: [(designator: UInt8, ns: UInt128)] = [
        (UInt8(ascii: "w"), 604_800_000_000_000), (UInt8(ascii: "d"), 86_400_000_000_000),
    ]
    private static let isoTimeUnits: [(designator: UInt8, ns: UInt128)] = [
        (UInt8(ascii: "h"), 3_600_000_000_000), (UInt8(ascii: "m"), 60_000_000_000), (UInt8(ascii: "s"), 1_000_000_000),
    ]

    private mutating func parseISO() -> Bool {
        let start = rest.startIndex
        guard parseISO(Self.isoDateUnits, allowsFraction: false) else { return false }
        guard skipDesignator(UInt8(ascii: "t")) else { return rest.startIndex > start }
        let timeStart = rest.startIndex
        return parseISO(Self.isoTimeUnits, allowsFraction: true) && rest.startIndex > timeStart
    }

    /// Each unit at most once, largest first; a fraction only in the last one.
    private mutating func parseISO(_ units: [(designator: UInt8, ns: UInt128)], allowsFraction: Bool) -> Bool {
        var nextUnit = 0
        while let first = rest.first, Self.isDigit(first) {
            guard let value = takeInteger() else { return false }
            let fraction = takeFraction()
            guard let designator = rest.first.map(Self.lowercased),
                let unit = units[nextUnit...].firstIndex(where: { $0.designator == designator }),
                add(value, unitNs: units[unit].ns)
            else { return false }
            rest.removeFirst()
            switch fraction {
            case .absent: nextUnit = unit + 1
            case .malformed: return false
            case .billionths(let billionths):
                totalNs += billionths * units[unit].ns / 1_000_000_000
                return allowsFraction && rest.isEmpty
            }
        }
        return true
    }

    // MARK: Spans with units

    private struct SpanUnit {
        var names: [String]
        var ns: UInt128
        var allowsFraction = true
    }

    private static let spanUnits: [SpanUnit] = [
        SpanUnit(names: ["weeks", "week", "wks", "wk", "w"], ns: 604_800_000_000_000, allowsFraction: false),
        SpanUnit(names: ["days", "day", "d"], ns: 86_400_000_000_000, allowsFraction: false),
        SpanUnit(names: ["hours", "hour", "hrs", "hr", "h"], ns: 3_600_000_000_000),
        SpanUnit(names: ["minutes", "minute", "mins", "min", "m"], ns: 60_000_000_000),
        SpanUnit(names: ["seconds", "second", "secs", "sec", "s"], ns: 1_000_000_000),
        SpanUnit(names: ["milliseconds", "millisecond", "millis", "milli", "msecs", "msec", "ms"], ns: 1_000_000),
        SpanUnit(
            names: [
                // Both the micro sign and the Greek letter.
                "microseconds", "microsecond", "micros", "micro", "usecs", "usec", "us", "\u{B5}secs", "\u{B5}sec",
                "\u{B5}s", "\u{3BC}secs", "\u{3BC}sec", "\u{3BC}s",
            ], ns: 1000),
        SpanUnit(names: ["nanoseconds", "nanosecond", "nanos", "nano", "nsecs", "nsec", "ns"], ns: 1),
    ]
    private static let hours = 2

    private mutating func parseSpan() -> Bool {
        var nextUnit = 0
        while true {
            guard let value = takeInteger() else { return false }
            if nextUnit <= Self.hours, rest.first == UInt8(ascii: ":") { return parseClock(hours: value) }
            let fraction = takeFraction()
            skipSpace()
            guard let unit = takeUnit(from: nextUnit), add(value, unitNs: Self.spanUnits[unit].ns) else { return false }
            switch fraction {
            case .absent: nextUnit = unit + 1
            case .malformed: return false
            case .billionths(let billionths):
                totalNs += billionths * Self.spanUnits[unit].ns / 1_000_000_000
                return Self.spanUnits[unit].allowsFraction
            }
            if rest.isEmpty { return true }
            if skip(UInt8(ascii: ",")), !skipSpace() { return false }
            skipSpace()
        }
    }

    /// The rest of `HH:MM:SS` with an optional fraction.
    private mutating func parseClock(hours: UInt64) -> Bool {
        guard add(hours, unitNs: 3_600_000_000_000), skip(UInt8(ascii: ":")),
            let minutes = takeInteger(), add(minutes, unitNs: 60_000_000_000), skip(UInt8(ascii: ":")),
            let seconds = takeInteger(), add(seconds, unitNs: 1_000_000_000)
        else { return false }
        switch takeFraction() {
        case .absent: return true
        case .malformed: return false
        case .billionths(let billionths):
            totalNs += billionths
            return true
        }
    }

    /// The unit whose name is the whole run of letters that follows.
    private mutating func takeUnit(from first: Int) -> Int? {
        let name = rest.prefix { $0 >= 0x80 || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) }
        let unit = Self.spanUnits[first...].firstIndex { $0.names.contains { $0.utf8.elementsEqual(name) } }
        rest = rest[name.endIndex...]
        return unit
    }

    // MARK: Tokens

    private enum Fraction {
        case absent
        case malformed
        case billionths(UInt128)
    }

    private mutating func takeFraction() -> Fraction {
        guard skip(UInt8(ascii: ".")) || skip(UInt8(ascii: ",")) else { return .absent }
        let digits = rest.prefix(while: Self.isDigit)
        guard (1...9).contains(digits.count) else { return .malformed }
        rest = rest[digits.endIndex...]
        let value = digits.reduce(0 as UInt128) { $0 * 10 + UInt128($1 - UInt8(ascii: "0")) }
        return .billionths((digits.count..<9).reduce(value) { scaled, _ in scaled * 10 })
    }

    private mutating func takeInteger() -> UInt64? {
        let digits = rest.prefix(while: Self.isDigit)
        guard !digits.isEmpty else { return nil }
        var value: UInt64 = 0
        for digit in digits {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(UInt64(digit - UInt8(ascii: "0")))
            guard !overflow, !carry else { return nil }
            value = sum
        }
        rest = rest[digits.endIndex...]
        return value
    }

    private mutating func add(_ value: UInt64, unitNs: UInt128) -> Bool {
        totalNs += UInt128(value) * unitNs
        return totalNs <= UInt128(Self.maxMs) * Self.nsPerMs
    }

    @discardableResult
    private mutating func skip(_ byte: UInt8) -> Bool {
        guard rest.first == byte else { return false }
        rest.removeFirst()
        return true
    }

    private mutating func skipDesignator(_ lowercase: UInt8) -> Bool {
        guard rest.first.map(Self.lowercased) == lowercase else { return false }
        rest.removeFirst()
        return true
    }

    @discardableResult
    private mutating func skipSpace() -> Bool {
        let spaces = rest.prefix { $0 == UInt8(ascii: " ") || (9...13).contains($0) }
        rest = rest[spaces.endIndex...]
        return !spaces.isEmpty
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
}
