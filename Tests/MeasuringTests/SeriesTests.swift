import Testing

@testable import Measuring

@Suite struct SeriesTests {
    @Test func medianAndEnds() {
        let series = Series([5, 1, 9, 3, 7])
        #expect([series.least, series.median, series.most] == [1, 5, 9])
        #expect(Series().median == 0)
    }

    @Test func ratiosAreTakenRoundByRound() {
        // The machine was half as fast in the second round: the ratio does not notice.
        #expect(Series([100, 50]).over(Series([50, 25])) == Series([2, 2]))
    }

    @Test(arguments: [
        ([2.0, 2, 2], false),
        ([0.5, 2, 2], true),
        // One of seven is a moment in which the machine did something else.
        ([0.5, 2, 2, 2, 2, 2, 2], false),
        ([0.5, 0.6, 2, 2, 2, 2, 2], true),
        ([0.5], false),
        ([], false),
    ])
    func roundsThatDisagreeAboutALevel(_ values: [Double], isDivided: Bool) {
        #expect(Series(values).isDivided { $0 >= 1 } == isDivided)
    }

    @Test(arguments: [
        ([1.0, 2, 3], 1.5), ([9, 1, 1, 2, 2, 3, 3], 1.5), ([5, 5, 5, 5], 1), ([1, 2], nil),
    ])
    func growthIsThatOfTheLastThird(_ values: [Double], growth: Double?) {
        #expect(Series(values).growthInLastThird == growth)
    }
}
