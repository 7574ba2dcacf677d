/// All figures of a run as one table in Markdown.
package struct FigureTable {
    private let caption: String
    private let figures: [Figure]

    package init(_ figures: [Figure], caption: String) {
        self.figures = figures
        self.caption = caption
    }

    package var markdown: String {
        let columns = ["Figure", "Median", "Spread", "Rival", "Ratio", "Bar", "Goal", "Verdict"]
        let rows = [columns, columns.map { _ in "---" }] + figures.map(Self.cells)
        return ([caption, ""] + rows.map { "| " + $0.joined(separator: " | ") + " |" }).joined(separator: "\n")
    }

    private static func cells(of figure: Figure) -> [String] {
        let rival = figure.rival.map { "\($0.name): \(Amount.text($0.measured.median, figure.unit))" }
        return [
            figure.name, Amount.text(figure.measured.median, figure.unit), Figure.range(figure.measured),
            rival ?? "", figure.ratio.map { Figure.spread($0, "x") } ?? "",
            figure.level.map { "\($0.words) \(figure.levelText($0.bar))" } ?? "",
            figure.level?.goal.map(figure.levelText) ?? "", figure.verdict.rawValue,
        ].map { $0.replacing("|", with: "/") }
    }
}
