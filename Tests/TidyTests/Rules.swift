import Foundation

/// One rule of style: the complaints about a file.
struct Rule: Sendable {
    let name: String
    let complaints: @Sendable (SourceTree.File) -> [String]

    /// For every line of code that `isBad`, comments and texts left out.
    static func perLine(_ name: String, _ isBad: @escaping @Sendable (SourceTree.File, String) -> Bool) -> Rule {
        Rule(name: name) { file in
            file.lines.enumerated().compactMap { number, line in
                isBad(file, code(of: line)) ? "\(file.path):\(number + 1): \(name)" : nil
            }
        }
    }

    /// The line without its comment and with the insides of texts blanked.
    static func code(of line: Substring) -> String {
        var result = ""
        var isText = false
        var previous: Character = " "
        for character in line {
            if character == "\"", previous != "\\" { isText.toggle() }
            if !isText, character == "/", previous == "/" { return String(result.dropLast()) }
            result.append(isText && character != "\"" ? " " : character)
            previous = character
        }
        return result
    }

    static func matches(_ text: String, _ pattern: String) -> Bool {
        text.range(of: pattern, options: .regularExpression) != nil
    }
}

extension Rule {
    static let imports = perLine("imports what its layer may not") { file, line in
        guard let module = importedModule(line) else { return false }
        return !(ImportTable.allowed[file.target]?.contains(module) ?? false)
    }

    static func importedModule(_ line: String) -> String? {
        let words = line.split(separator: " ").map(String.init)
        guard let index = words.firstIndex(of: "import"),
            words[..<index].allSatisfy({ ["package", "public", "internal"].contains($0) || $0.hasPrefix("@") })
        else { return nil }
        return words.last
    }

    static let purity = perLine("does what a pure target may not") { file, line in
        guard ImportTable.pure.contains(file.target) else { return false }
        return matches(line, #"\basync\b|(?<!\.)\bawait\b(?!\()|\bTask\b|\bDate\(|\.random\(|\bUUID\(|ContinuousClock|SystemRandom"#)
    }

    static let publicity = perLine("is public outside of the libraries") { file, line in
        !ImportTable.publicTargets.contains(file.target) && matches(line, #"^\s*public (?!import)"#)
    }

    static let force = perLine("forces what may fail") { _, line in
        matches(line, #"\btry!|\bas!|[\w\])]!(?![=\w])"#)
    }

    static let leftovers = Rule(name: "is a left-over") { file in
        file.lines.enumerated().compactMap { number, line in
            matches(String(line), #"\b(TODO|FIXME|XXX)\b|fatalError\("(not|un)"#)
                ? "\(file.path):\(number + 1): is a left-over" : nil
        }
    }

    static let lineLength = Rule(name: "is longer than 120 characters") { file in
        file.lines.enumerated().compactMap { number, line in
            line.count > 120 ? "\(file.path):\(number + 1): is longer than 120 characters" : nil
        }
    }

    static let fileLength = Rule(name: "is longer than 400 lines") { file in
        file.lines.count > 401 ? ["\(file.path): is longer than 400 lines"] : []
    }

    static let functionLength = Rule(name: "has a function of more than 70 lines") { file in
        var complaints: [String] = []
        var start: (line: Int, indentation: Int)?
        for (number, line) in file.lines.enumerated() {
            let indentation = line.prefix { $0 == " " }.count
            // The comment of the next declaration: the one before is a requirement and has no body.
            if start?.indentation == indentation, line.trimmingCharacters(in: .whitespaces).hasPrefix("///") { start = nil }
            if let open = start, indentation == open.indentation, line.trimmingCharacters(in: .whitespaces) == "}" {
                if number - open.line > 70 {
                    complaints.append("\(file.path):\(open.line + 1): has a function of more than 70 lines")
                }
                start = nil
            } else if start == nil, matches(code(of: line), #"\b(func|init)\b.*[({]$"#) {
                start = (number, indentation)
            }
        }
        return complaints
    }

    /// Confinement that the compiler cannot see needs its proof beside it.
    static let uncheckedSendable = Rule(name: "has an unproven @unchecked Sendable") { file in
        file.lines.enumerated().compactMap { number, line in
            guard code(of: line).contains("@unchecked Sendable") else { return nil }
            let before = file.lines[max(0, number - 6)..<number]
            return before.contains { $0.contains("//") && $0.contains("@unchecked") }
                ? nil : "\(file.path):\(number + 1): has an unproven @unchecked Sendable"
        }
    }

    static let sql = Rule(name: "holds SQL outside of the store") { file in
        // Who measures against raw SQLite has to speak to it.
        // Orders keeps tables of its own, and so do services made for tests.
        guard file.target != "SQLiteStore", file.target != "Fixtures", file.path != "Sources/Bench/JournalRows.swift",
            !file.path.hasPrefix("Sources/Orders/Database/"), file.path != "Sources/Simulation/Workload/Bookkeeper.swift"
        else { return [] }
        return file.lines.enumerated().compactMap { number, line in
            matches(String(line), #""(SELECT|INSERT INTO|UPDATE|DELETE FROM|CREATE TABLE|PRAGMA) "#)
                ? "\(file.path):\(number + 1): holds SQL outside of the store" : nil
        }
    }

    static let names = Rule(name: "has a name that says nothing") { file in
        file.path.split(separator: "/").contains { part in
            let name = part.split(separator: ".").first ?? part
            return ["Utils", "Util", "Utilities", "Common", "Helpers", "Helper", "Shared", "Misc"].contains(name)
        } ? ["\(file.path): has a name that says nothing"] : []
    }

    static let forSources = [
        imports, purity, publicity, force, leftovers, lineLength, fileLength, functionLength, uncheckedSendable, sql,
        names,
    ]
    // Lines of bytes in tests are easier to read whole.
    static let forTests = [fileLength, names, leftovers]
}
