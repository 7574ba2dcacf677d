import Testing

@testable import Measuring

@Suite struct FigureTests {
    static func verdict(_ values: [Double], _ level: Level?, isSpoilt: Bool = false) -> Figure.Verdict {
        Figure("f", Series(values), unit: "ms", level: level, isSpoilt: isSpoilt).verdict
    }

    @Test func moreIsBetter() {
        let level = Level.atLeast(1, goal: 2)
        #expect(Self.verdict([2, 2, 3], level) == .goalReached)
        #expect(Self.verdict([1.1, 1.2, 1.3], level) == .barMet)
        #expect(Self.verdict([1.1, 1.2, 2.3], level) == .goalUnclear)
        #expect(Self.verdict([0.9, 0.8, 0.7], level) == .missed)
        #expect(Self.verdict([0.9, 1.8, 1.7], level) == .unclear)
    }

    @Test func lessIsBetter() {
        let level = Level.atMost(2, goal: 1)
        #expect(Self.verdict([0.5, 1, 0.9], level) == .goalReached, "a level that is met exactly")
        #expect(Self.verdict([0.5, 0.6, 0.9], level) == .goalReached)
        #expect(Self.verdict([1.5], level) == .barMet)
        #expect(Self.verdict([2.5], level) == .missed)
        #expect(Self.verdict([1.5], .atMost(2)) == .barMet)
    }

    @Test func whatNobodyJudges() { #expect(Self.verdict([1], nil) == .unjudged) }

    @Test func aDisturbanceExcusesAMissAndNothingElse() {
        #expect(Self.verdict([3], .atMost(2), isSpoilt: true) == .unclear)
        #expect(Self.verdict([1.5], .atMost(2), isSpoilt: true) == .barMet)
    }

    @Test func withARivalTheRatioIsJudged() {
        let figure = Figure(
            "calls", Series([14_000, 7_000, 14_500]), unit: "/s", against: .init("hello", Series([10_000, 5_000, 10_000])),
            level: .atLeast(0.7, goal: 1))
        #expect(figure.ratio == Series([1.4, 1.4, 1.45]))
        #expect(figure.verdict == .goalReached)
        #expect(
            figure.text
                == "14,000/s (7,000 to 14,500); hello 10,000/s (5,000 to 10,000); ratio 1.40x (1.40 to 1.45); "
                + "at least 0.70x, goal 1.00x: goal reached")
    }

    @Test func theTableIsMarkdown() {
        let figures = [
            Figure("start", Series([96.04]), unit: "ms", level: .atMost(200, goal: 50)),
            Figure("calls", Series([3, 1, 2]), unit: "/s", against: .init("a|b", Series([1, 1, 1]))),
        ]
        #expect(
            FigureTable(figures, caption: "Commit abc.").markdown == """
                Commit abc.

                | Figure | Median | Spread | Rival | Ratio | Bar | Goal | Verdict |
                | --- | --- | --- | --- | --- | --- | --- | --- |
                | start | 96.0 ms |  |  |  | at most 200 ms | 50.0 ms | bar met |
                | calls | 2.00/s | 1.00 to 3.00 | a/b: 1.00/s | 2.00x (1.00 to 3.00) |  |  |  |
                """)
    }

    @Test(arguments: [
        (0, "0.00"), (0.0312, "0.0312"), (0.644, "0.64"), (9.994, "9.99"), (9.996, "10.0"), (96.04, "96.0"),
        (99.96, "100"), (999.6, "1,000"), (65_000, "65,000"), (1_234_567, "1,234,567"), (-12.34, "-12.3"),
        (1.05, "1.05"), (.infinity, "?"), (-0.00001, "0.0000"),
    ])
    func numbersHaveNoMoreDigitsThanTheyNeed(_ value: Double, text: String) {
        #expect(Amount.number(value) == text)
    }

    @Test func unitsThatAreWordsStandApart() {
        #expect(["x", "/s", "ms", ""].map { Amount.text(2, $0) } == ["2.00x", "2.00/s", "2.00 ms", "2.00"])
    }

    @Test(arguments: [
        ("12 (reprise) S 1 2 3 4 5 6 7 8 9 10 340 60 0 0 20 0", 400),
        ("12 (a) b (c)) R 1 2 3 4 5 6 7 8 9 10 1 2 0 0 20", 3), ("12 (a) R 1", nil), ("", nil),
    ])
    func processorTicks(_ stat: String, ticks: Int?) { #expect(ProcessorTicks.total(stat: stat) == ticks) }

    @Test func processorTicksOfChildren() {
        let stat = "12 (reprise) S 1 2 3 4 5 6 7 8 9 10 340 60 7 3 20 0"
        #expect(ProcessorTicks.total(stat: stat, withChildren: true) == 410)
        #expect(ProcessorTicks.total(stat: "1 (a) S 1 2 3 4 5 6 7 8 9 10 1 2 x 3 20", withChildren: true) == nil)
    }

    @Test(arguments: [
        ("cpu  10 20 30 1000 500 1 2 3 4 5\ncpu0 1 1 1 1 1 1 1 1 1 1\n", 66), ("cpu 1 2", nil), ("intr 1", nil), ("", nil),
    ])
    func theMachineIsBusyWhenItNeitherIdlesNorWaits(_ stat: String, ticks: Int?) {
        #expect(ProcessorTicks.busy(machineStat: stat) == ticks)
    }
}
