import ArgumentParser
import Foundation

/// Writes the good inputs of a target as files, and its words as a dictionary, for a coverage-guided fuzzer.
struct SeedsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "seeds", abstract: "Writes a target's good inputs into a folder, and its words to DIRECTORY.dict.")

    @Argument var target: String
    @Argument var directory: String

    func run() throws {
        guard let target = FuzzTarget.named(target) else { throw ValidationError("there is no target \(target)") }
        let folder = URL(fileURLWithPath: directory)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (number, seed) in target.seeds.enumerated() {
            try Data(seed).write(to: folder.appendingPathComponent("seed-\(number)"))
        }
        let words = target.words.map { word in
            "\"" + word.map { "\\x" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() + "\"\n"
        }
        try Data(words.joined().utf8).write(to: URL(fileURLWithPath: directory + ".dict"))
    }
}
