import Foundation
import Testing

@Suite struct TidyTests {
    @Test(arguments: Rule.forSources.indices) func sourcesKeep(rule: Int) {
        let complaints = SourceTree.sources.flatMap(Rule.forSources[rule].complaints)
        #expect(complaints.isEmpty, "\(complaints.joined(separator: "\n"))")
        #expect(SourceTree.sources.count > 50, "the sources were found")
    }

    @Test(arguments: Rule.forTests.indices) func testsKeep(rule: Int) {
        let files = SourceTree.tests.filter { !$0.path.hasPrefix("Tests/TidyTests/") }
        let complaints = files.flatMap(Rule.forTests[rule].complaints)
        #expect(complaints.isEmpty, "\(complaints.joined(separator: "\n"))")
    }

    @Test func everyTargetHasItsLineInTheTable() {
        let targets = Set(SourceTree.sources.map(\.target))
        #expect(targets == Set(ImportTable.allowed.keys))
    }

    @Test func noBuildProductsAreTracked() throws {
        let ignored = try SourceTree.text(".gitignore")
        #expect(ignored.contains(".build*"))
        #expect(ignored.contains("Package.resolved"))
    }

    @Test func thePathsOfTheReadmeExist() throws {
        let readme = try SourceTree.text("README.md")
        let pattern = #/(?:scripts|docker|Sources|Tests)/[A-Za-z0-9_\-./]*[A-Za-z0-9_\-]/#
        let missing = readme.matches(of: pattern).map { String($0.output) }.filter { !SourceTree.exists($0) }
        #expect(missing.isEmpty, "README.md names what is not there: \(missing)")
    }

    /// What the README shows of Swift is compiled and run by the tests.
    @Test func theCodeOfTheReadmeIsTested() throws {
        let source = try SourceTree.text("Tests/RepriseServerTests/Inventory.swift")
        let tested = source.components(separatedBy: "// README: begin\n")[1].components(separatedBy: "// README: end")[0]
        #expect(try SourceTree.text("README.md").contains("```swift\n" + tested + "```"))
    }

    /// Every Swift example of the guide is one of the files that `GuideTests` executes.
    @Test func theCodeOfTheGuideIsTested() throws {
        let tested = try SourceTree.tests.filter { $0.path.hasPrefix("Tests/GuideTests/") }.compactMap { file in
            let parts = try SourceTree.text(file.path).components(separatedBy: "// guide: begin\n")
            return parts.count == 2 ? parts[1].components(separatedBy: "// guide: end")[0] : nil
        }
        let chapters = try SourceTree.names(in: "Sources/Reprise/Reprise.docc").filter { $0.hasSuffix(".md") }
        var shown: [String] = []
        for chapter in chapters {
            let text = try SourceTree.text("Sources/Reprise/Reprise.docc/\(chapter)")
            shown += text.components(separatedBy: "```swift\n").dropFirst().map {
                $0.components(separatedBy: "```")[0]
            }
        }
        #expect(shown.sorted() == tested.sorted())
        #expect(shown.count >= 8)
    }

    /// A rule that cannot complain is worth nothing.
    @Test(arguments: [
        ("imports", "Sources/EngineCore/A.swift", "import Foundation"),
        ("imports", "Sources/Reprise/A.swift", "package import EngineCore"),
        ("imports", "Sources/Simulation/A.swift", "import Dispatch"),
        ("does what", "Sources/Ingress/A.swift", "func a() async {}"),
        ("does what", "Sources/EngineCore/A.swift", "let now = Date()"),
        ("is public", "Sources/Runtime/A.swift", "    public var a = 1"),
        ("forces", "Sources/Runtime/A.swift", "let a = try! b()"),
        ("forces", "Sources/Runtime/A.swift", "let a = b!.c"),
        ("left-over", "Sources/Runtime/A.swift", "// TO" + "DO: later"),
        ("120", "Sources/Runtime/A.swift", String(repeating: "x", count: 121)),
        ("400", "Sources/Runtime/A.swift", String(repeating: "\n", count: 402)),
        ("70 lines", "Sources/Runtime/A.swift", "func a() {\n" + String(repeating: "  b()\n", count: 71) + "}"),
        ("unproven", "Sources/Runtime/A.swift", "final class A: @unchecked Sendable {"),
        ("SQL", "Sources/Runtime/A.swift", "let a = \"SELECT 1\""),
        ("says nothing", "Sources/Runtime/Utils.swift", ""),
    ])
    func aViolationIsNoticed(rule: String, path: String, text: String) {
        let file = SourceTree.File(path: path, text: text)
        let complaints = Rule.forSources.flatMap { $0.complaints(file) }
        #expect(complaints.contains { $0.contains(rule) }, "\(complaints)")
    }

    @Test func whatIsAllowedIsNotComplainedAbout() {
        let text = """
            import DurableModel
            // Date() and try! in a comment
            let message = "a text with Task and as! in it"
            let isOther = a != b
            """
        let file = SourceTree.File(path: "Sources/EngineCore/A.swift", text: text)
        #expect(Rule.forSources.flatMap { $0.complaints(file) }.isEmpty)
    }
}
