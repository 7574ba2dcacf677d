import Testing

@testable import Ingress

/// The table of the ingress reference, section 2.1, and what follows from its grammar.
@Suite struct DelayGrammarTests {
    static let acceptedTexts: [(String, Int64)] = [
        ("0", 0), ("0s", 0), ("10s", 10_000), ("10 s", 10_000), ("10sec", 10_000), ("60 sec", 60_000),
        ("3secs", 3000), ("1000ms", 1000), ("90 msecs", 90), ("100us", 1), ("100µs", 1), ("100μs", 1), ("100ns", 1),
        ("1000us", 1), ("1001us", 2), ("1000000ns", 1), ("0ns", 0),
        ("5m", 300_000), ("5min", 300_000), ("10m", 600_000), ("2 hrs", 7_200_000), ("1h30m", 5_400_000),
        ("1h 30m", 5_400_000), ("1 hour, 30 minutes", 5_400_000), ("1hour,  30 minutes", 5_400_000),
        ("1d", 86_400_000), ("1day", 86_400_000), ("1w", 604_800_000), ("2 weeks", 1_209_600_000),
        ("1w2d3h4m5s6ms", 604_800_000 + 2 * 86_400_000 + 3 * 3_600_000 + 4 * 60_000 + 5006),
        ("1.5s", 1500), ("1,5s", 1500), ("1.5h", 5_400_000), ("1h 0.5m", 3_630_000), ("1.5ms", 2),
        ("0.000000001s", 1), ("01:02:03", 3_723_000), ("01:02:03.5", 3_723_500), ("1d 01:00:00", 90_000_000),
        ("PT10S", 10_000), ("pt10s", 10_000), ("PT0.5S", 500), ("PT1M", 60_000), ("PT1H30M", 5_400_000),
        ("P1D", 86_400_000), ("P1W", 604_800_000), ("P1DT1H", 90_000_000), ("PT1.5H", 5_400_000), ("PT0,5S", 500),
        ("+10s", 10_000), ("+PT10S", 10_000),
        // Beyond Restate: milliseconds.
        ("1000", 1000), ("10", 10), ("631107417600000", 631_107_417_600_000),
    ]

    @Test(arguments: acceptedTexts)
    func accepted(text: String, expectedMs: Int64) {
        #expect(DelayGrammar.milliseconds(text) == expectedMs)
    }

    @Test(arguments: [
        "1mo", "1y", "P1M", "P1Y", "1.5d", "1.5w", "10s 5m", "1h1h", "-10s", "-PT5S", "10s ago", "", " 10s", "10S",
        "10 Seconds", "PT10", "abc", " ", "+", "-", "P", "PT", "P1DT", "P1.5D", "PT1S1M", "PT1M1M", "PT1.5M1S", "P1S",
        "PT1D", "10s ", "10s5", "1h,30m", "1h,", "1h, ", ",1h", "1.s", ".5s", "1.0000000001s", "1.5s 3ms", "1:2",
        "1:2:", "1h 01:02:03", "01:02:03s", "++1s", "+-1s", "-0s", "1_000", "1e3", "10sécs", "١s", "0x10", "1.5",
        "631107417600001", "631107417601s", "99999999999999999999999s", "1043498w", "10s\0", "PT10S ", "P T10S",
    ])
    func rejected(text: String) {
        #expect(DelayGrammar.milliseconds(text) == nil)
    }
}
