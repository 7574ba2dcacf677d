/// On which side of it a figure has to be, and where it ought to be.
package struct Level: Equatable, Sendable {
    package let bar: Double
    package let goal: Double?
    private let isLowerBetter: Bool

    package static func atLeast(_ bar: Double, goal: Double? = nil) -> Level {
        Level(bar: bar, goal: goal, isLowerBetter: false)
    }

    package static func atMost(_ bar: Double, goal: Double? = nil) -> Level {
        Level(bar: bar, goal: goal, isLowerBetter: true)
    }

    func isKept(_ level: Double, by value: Double) -> Bool { isLowerBetter ? value <= level : value >= level }

    var words: String { isLowerBetter ? "at most" : "at least" }
}

/// One thing that was measured, in rounds.
package struct Figure: Equatable, Sendable {
    /// What did the same in the same rounds.
    package struct Rival: Equatable, Sendable {
        package let name: String
        package let measured: Series

        package init(_ name: String, _ measured: Series) {
            self.name = name
            self.measured = measured
        }
    }

    package enum Verdict: String, Sendable {
        case unjudged = ""
        case goalReached = "goal reached"
        case barMet = "bar met"
        case goalUnclear = "bar met; goal: too noisy to tell"
        case unclear = "too noisy to tell"
        case missed = "MISSED"
    }

    package let name: String
    package let unit: String
    package let measured: Series
    package let rival: Rival?
    /// Of the ratio if there is a rival.
    package let level: Level?
    /// Somebody else was seen to disturb it.
    package let isSpoilt: Bool

    package init(
        _ name: String, _ measured: Series, unit: String, against rival: Rival? = nil, level: Level? = nil,
        isSpoilt: Bool = false
    ) {
        self.name = name
        self.unit = unit
        self.measured = measured
        self.rival = rival
        self.level = level
        self.isSpoilt = isSpoilt
    }

    package var ratio: Series? { rival.map { measured.over($0.measured) } }

    package var verdict: Verdict {
        guard let level else { return .unjudged }
        let judged = ratio ?? measured
        let isKept = level.isKept(level.bar, by: judged.median)
        let isDivided = judged.isDivided { level.isKept(level.bar, by: $0) }
        if isDivided || !isKept && isSpoilt { return .unclear }
        guard isKept else { return .missed }
        guard let goal = level.goal else { return .barMet }
        if judged.isDivided({ level.isKept(goal, by: $0) }) { return .goalUnclear }
        return level.isKept(goal, by: judged.median) ? .goalReached : .barMet
    }

    /// In one line, its name left out.
    package var text: String {
        var parts = [Self.spread(measured, unit)]
        if let rival { parts.append("\(rival.name) \(Self.spread(rival.measured, unit))") }
        if let ratio { parts.append("ratio \(Self.spread(ratio, "x"))") }
        if let level {
            let goal = level.goal.map { ", goal \(levelText($0))" } ?? ""
            parts.append("\(level.words) \(levelText(level.bar))\(goal): \(verdict.rawValue)")
        }
        return parts.joined(separator: "; ")
    }

    func levelText(_ level: Double) -> String { Amount.text(level, rival == nil ? unit : "x") }

    static func spread(_ series: Series, _ unit: String) -> String {
        let median = Amount.text(series.median, unit)
        return series.values.count < 2 ? median : "\(median) (\(range(series)))"
    }

    static func range(_ series: Series) -> String {
        series.values.count < 2 ? "" : "\(Amount.number(series.least)) to \(Amount.number(series.most))"
    }
}
