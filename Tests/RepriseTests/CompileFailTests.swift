import Foundation
import Testing

/// What the compiler must refuse, and what it must take, in a user's module: the files in `Tests/CompileFail`, compiled
/// against the built `Reprise`. The first line of each names the expected error. `-emit-sil` is needed: type checking
/// alone misses errors about regions.
@Suite struct CompileFailTests {
    static let fixtures: URL = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "CompileFail")

    static let files =
        ((try? FileManager.default.contentsOfDirectory(at: fixtures, includingPropertiesForKeys: nil)) ?? [])
        .filter { $0.pathExtension == "swift" && $0.lastPathComponent != "Prelude.swift" }
        .map(\.lastPathComponent).sorted()

    /// Modules stand beside the test bundle, wherever the build directory is.
    static let modules: URL? = [
        URL(filePath: "/proc/self/exe").resolvingSymlinksInPath(), URL(filePath: CommandLine.arguments[0]),
    ]
    .flatMap { executable in
        sequence(first: executable.deletingLastPathComponent()) {
            $0.path().count > 1 ? $0.deletingLastPathComponent() : nil
        }
        .prefix(6).map { $0.appending(path: "Modules") }
    }
    .first { FileManager.default.fileExists(atPath: $0.appending(path: "Reprise.swiftmodule").path()) }

    private func compile(_ file: String, _ flags: [String]) throws -> (status: Int32, output: String) {
        let modules = try #require(Self.modules, "Reprise.swiftmodule is not near the test bundle")
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments =
            ["swiftc", "-swift-version", "6", "-emit-sil", "-wmo", "-parse-as-library", "-module-name", "Fixture"]
            + flags + [
                "-I", modules.path(), "-o", "/dev/null",
                Self.fixtures.appending(path: "Prelude.swift").path(), Self.fixtures.appending(path: file).path(),
            ]
        let pipe = Pipe()
        process.standardOutput = FileHandle.nullDevice
        process.standardError = pipe
        try process.run()
        let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, output)
    }

    @Test func thereAreFixturesOfBothKinds() throws {
        let firstLines = try Self.files.map { file in
            try String(contentsOf: Self.fixtures.appending(path: file), encoding: .utf8).prefix { $0 != "\n" }
        }
        #expect(firstLines.filter { $0 == "// compiles" }.count >= 2)
        #expect(firstLines.filter { $0.hasPrefix("// error: ") }.count >= 12)
    }

    @Test(arguments: files, [[], ["-enable-upcoming-feature", "NonisolatedNonsendingByDefault"]])
    func theCompilerKeepsTheRules(_ file: String, _ flags: [String]) throws {
        let source = try String(contentsOf: Self.fixtures.appending(path: file), encoding: .utf8)
        let first = String(source.prefix { $0 != "\n" })
        let (status, output) = try compile(file, flags)
        if first == "// compiles" {
            #expect(status == 0, "\(output)")
        } else {
            let expected = first.replacing("// error: ", with: "")
            #expect(status != 0)
            #expect(output.contains("error:") && output.contains(expected), "expected '\(expected)' in:\n\(output)")
        }
    }
}
