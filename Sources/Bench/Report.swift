import Foundation

/// Figures against their budget: each with its first level and its goal.
struct Report {
    private(set) var missed = 0

    func heading(_ text: String) { print("\n\(text)") }

    func line(_ name: String, _ value: String) {
        print("  \(name.padding(toLength: 44, withPad: " ", startingAt: 0)) \(value)")
    }

    func load(_ name: String, _ result: LoadGenerator.Result, commits: Double, turns: Double) {
        let percentiles = [50.0, 90, 99, 100].map { String(format: "%.2f", result.milliseconds(at: $0)) }
        var text = String(format: "%8.0f/s  ms p50 p90 p99 max: ", result.perSecond)
        text += percentiles.joined(separator: " ")
        if commits > 0 {
            text += String(format: "  commits %.0f/s, %.1f turns each", commits / result.seconds, turns / commits)
        }
        line(name, text)
    }

    /// `lowerIsBetter` says on which side of its budget a figure should be.
    mutating func judge(
        _ name: String, _ value: Double, first: Double, goal: Double, unit: String, lowerIsBetter: Bool
    ) {
        let isMet = lowerIsBetter ? value <= first : value >= first
        let isGoal = lowerIsBetter ? value <= goal : value >= goal
        if !isMet { missed += 1 }
        let verdict = isGoal ? "goal reached" : isMet ? "ok" : "MISSED"
        line(
            name,
            String(format: "%.2f %@ (first level %.2f, goal %.2f) %@", value, unit, first, goal, verdict))
    }

    func rate(_ name: String, _ rate: Series) {
        line(name, String(format: "%8.0f/s  (%.0f to %.0f)", rate.median, rate.least, rate.most))
    }

    /// A ratio that was measured in rounds; more is better. Says so when the rounds do not agree about a level.
    mutating func judge(_ name: String, _ ratio: Series, first: Double, goal: Double) {
        let isNoisy = [first, goal].contains { ratio.least < $0 && $0 <= ratio.most }
        let range = String(format: "x, %.2f to %.2f", ratio.least, ratio.most)
        let spread = isNoisy ? range + ", the rounds disagree" : range
        judge(name, ratio.median, first: first, goal: goal, unit: spread, lowerIsBetter: false)
    }
}
