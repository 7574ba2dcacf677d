import Foundation
import Testing

/// What the compiler cannot see: handlers must take time, chance and concurrency from their context.
@Suite struct HandlerLintTests {
    static let forbidden = [
        "Date()", "UUID()", ".random(", "Task.sleep", "Task {", "Task.detached", "async let", ".now)",
    ]

    static func offences(in text: String) -> [String] {
        text.split(separator: "\n").filter { line in
            let code = line.prefix { $0 != "/" || !line.contains("//") }
            return forbidden.contains { code.contains($0) }
        }.map(String.init)
    }

    /// A system, and its folders that are no handlers: gateways, mailers and their waits, and routes.
    @Test(arguments: [("Ticketing", ["/Outside/"]), ("Orders", ["/Outside/", "/Web/"]), ("Reservations", ["/Routes/"])])
    func handlersUseOnlyTheirContext(_ system: String, _ outside: [String]) throws {
        let sources = URL(filePath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Sources/\(system)")
        let files = try #require(FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil))
            .compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" }
        let handlers = files.filter { file in !outside.contains { file.path().contains($0) } }
        #expect(handlers.count >= 10)
        #expect(handlers.count < files.count)
        for file in handlers {
            #expect(Self.offences(in: try String(contentsOf: file, encoding: .utf8)) == [], "\(file.lastPathComponent)")
        }
    }

    @Test(arguments: [
        "let now = Date()", "let id = UUID()", "Int.random(in: 0..<9)", "try await Task.sleep(for: x)", "Task { f() }",
        "async let a = f()",
    ])
    func theLintSees(_ line: String) {
        #expect(Self.offences(in: "func f() {\n    \(line)\n}") == ["    \(line)"])
        #expect(Self.offences(in: "// \(line)") == [])
    }
}
