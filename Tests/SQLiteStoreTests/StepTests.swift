import DurableModel
import GRDB
import Testing

@testable import SQLiteStore

/// Transactional steps: all of it and its result, or nothing.
@Suite struct StepTests {
    @Test func rowsAndResultAreThereTogether() throws {
        let scene = try StepScene()
        let before = scene.store.lastCommit
        #expect(try scene.execute("INSERT INTO test_rows (value) VALUES (?), (?)", .text("a"), 7) == "[] [] 2")
        #expect(try scene.values == ["'a'", "7"])
        let entry = try scene.journal()[0]
        #expect(entry.completion == .outcome(.success(Bytes("[] [] 2".utf8))))
        #expect(entry.completionRank == 1 << 40)
        #expect(scene.store.lastCommit == before + 1)
        // As a crash leaves it.
        let copy = try scene.directory.copyOfFiles()
        let again = try copy.open()
        #expect(again.recoveredCommit == before + 1)
        #expect(try StepScene.values(again) == ["'a'", "7"])
        #expect(try scene.journal(of: again) == scene.journal())
    }

    @Test func aStepIsExecutedOnce() throws {
        let scene = try StepScene()
        #expect(try scene.execute("INSERT INTO test_rows (value) VALUES (1)") == "[] [] 1")
        #expect(try scene.execute("INSERT INTO test_rows (value) VALUES (2)") == "unwanted")
        #expect(try scene.execute("INSERT INTO test_rows (value) VALUES (3)", entry: 9) == "unwanted")
        try scene.store.commit(batch([.deleteEntry(StepScene.serial, 2)]))
        #expect(try scene.execute("INSERT INTO test_rows (value) VALUES (4)", entry: 2) == "unwanted")
        #expect(try scene.values == ["1"])
    }

    @Test func aFailedOneLeavesNothingAndCanBeExecutedAgain() throws {
        let scene = try StepScene()
        let rest = try scene.rest
        let failure = try scene.execute([
            .init(sql: "INSERT INTO test_rows VALUES (1, 'a')", values: []),
            .init(sql: "INSERT INTO test_rows VALUES (1, 'b')", values: []),
        ])
        #expect(failure == "failed: UNIQUE constraint failed: test_rows.id")
        #expect(try scene.values == [])
        #expect(try scene.rest == rest)
        #expect(try scene.execute("INSERT INTO test_rows VALUES (1, 'b')") == "[] [] 1")
        #expect(try scene.values == ["'b'"])
    }

    /// What ends a transaction from within ends that of the step.
    @Test(arguments: [
        "INSERT OR ROLLBACK INTO test_rows VALUES (1, 2)", "UPDATE OR ROLLBACK test_rows SET id = 1 WHERE id = 2",
        "INSERT OR FAIL INTO test_rows VALUES (3, 3), (1, 4)",
    ])
    func itRollsBackAlone(_ sql: String) throws {
        let scene = try StepScene()
        #expect(try scene.execute("INSERT INTO test_rows VALUES (1, 1), (2, 2)") == "[] [] 2")
        let rest = try scene.rest
        let outcome = try scene.execute(
            [.init(sql: "INSERT INTO test_rows VALUES (9, 9)", values: []), .init(sql: sql, values: [])], entry: 1)
        #expect(outcome.hasPrefix("failed: "))
        #expect(try scene.values == ["1", "2"])
        #expect(try scene.rest == rest)
        try scene.store.commit(batch([.putMeta(.clockMs, 5)]))
        #expect(try scene.execute("DELETE FROM test_rows", entry: 1) == "[] [] 2")
    }

    @Test func valuesAndResultsKeepTheirKinds() throws {
        let scene = try StepScene()
        let cells: [SQLCell] = [
            .null, .integer(.min), .real(0.5), .real(3), .text("nul\u{0}ü"), .blob([0, 255]), "",
        ]
        var result: StepResult?
        let marks = cells.map { _ in "?" }.joined(separator: ", ")
        let seen = Seen()
        let step = StoredStep(
            serial: StepScene.serial, entry: 0, rank: 1, namespace: "test",
            statements: [.init(sql: "SELECT \(marks), x'' AS empty", values: cells)]
        ) { result in
            seen.result = result
            return []
        }
        #expect(try scene.store.execute(step) == .committed([]))
        result = seen.result
        #expect(result?.rows == [cells + [.blob([])]])
        #expect(result?.columns.last == "empty" && result?.changes == 0)
    }

    /// @unchecked: one thread writes it, inside the call that the test waits for.
    private final class Seen: @unchecked Sendable { var result: StepResult? }

    @Test func theRowsOfTheLastStatementComeBack() throws {
        let scene = try StepScene()
        let outcome = try scene.execute([
            .init(sql: "SELECT 1", values: []),
            .init(sql: "INSERT INTO test_rows (value) VALUES (5) RETURNING id, value", values: []),
        ])
        #expect(outcome == #"["id", "value"] [[1, 5]] 1"#)
    }

    @Test(arguments: [
        ("", "a statement is empty"), ("-- nothing", "a statement is empty"),
        ("SELECT 1; SELECT 2", "one statement at a time: something follows the first one"),
        ("SELECT ?", "a statement wants 1 values and gets 0"),
        ("SELEC", #"near "SELEC": syntax error"#),
        ("SELECT zeroblob(700000) UNION ALL SELECT zeroblob(700000)", "it gives back more than a megabyte of rows"),
        ("SELECT zeroblob(90000000)", "string or blob too big"),
    ])
    func whatCannotBeExecutedSaysWhy(_ sql: String, _ reason: String) throws {
        let scene = try StepScene()
        #expect(try scene.execute(sql) == "failed: \(reason)")
        #expect(try scene.journal()[0].completion == nil)
    }

    @Test func oneStatementMayEndInSpaceAndComments() throws {
        #expect(try StepScene().execute("SELECT 1 ; -- that is all\n") == #"["1"] [[1]] 0"#)
    }

    @Test func aStepHasATimeLimit() throws {
        let scene = try StepScene { $0.stepTimeLimitMs = 20 }
        let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
        let outcome = try scene.execute([
            .init(sql: "INSERT INTO test_rows (value) VALUES (1)", values: []), .init(sql: endless, values: []),
        ])
        #expect(outcome == "failed: it took longer than 0.02 seconds")
        let endlessWrite = "INSERT INTO test_rows \(endless.replacing("count(*)", with: "i, i"))"
        #expect(try scene.execute(endlessWrite) == "failed: it took longer than 0.02 seconds")
        #expect(try scene.values == [])
        #expect(try scene.execute("INSERT INTO test_rows (value) VALUES (1)") == "[] [] 1")
    }

    @Test func aResultThatCannotBeWrittenDownFails() throws {
        struct No: Error {}
        let scene = try StepScene()
        var step = scene.step([.init(sql: "INSERT INTO test_rows (value) VALUES (1)", values: [])])
        step.encode = { _ in throw No() }
        #expect(try scene.store.execute(step) == .failed("its result cannot be written down: No()"))
        #expect(try scene.values == [])
    }

    @Test func aFullDiskFailsIt() throws {
        let scene = try StepScene()
        try scene.store.limitPages(to: 1)
        let outcome = try scene.execute("INSERT INTO test_rows (value) VALUES (zeroblob(1000000))")
        #expect(outcome.hasPrefix("failed: no room on the disk"))
        try scene.store.limitPages(to: nil)
        #expect(try scene.execute("INSERT INTO test_rows (value) VALUES (1)") == "[] [] 1")
    }

    @Test func anotherProgramsLockIsBusyAndNothingHasHappened() throws {
        let scene = try StepScene { $0.busyTimeoutMs = 1 }
        let other = try scene.directory.otherConnection()
        try other.writeWithoutTransaction { db in
            try db.execute(sql: "BEGIN IMMEDIATE")
            #expect(failure { _ = try scene.execute("INSERT INTO test_rows (value) VALUES (1)") }?.code == .busy)
            try db.execute(sql: "ROLLBACK")
        }
        #expect(try scene.execute("INSERT INTO test_rows (value) VALUES (1)") == "[] [] 1")
    }

    @Test func itIsAsDurableAsACommit() throws {
        let scene = try StepScene()
        let pragmas = ["synchronous", "wal_autocheckpoint", "foreign_keys", "trusted_schema"]
        let values = try pragmas.map { try scene.store.steps.connection?.run("PRAGMA \($0)").first?.first }
        #expect(values == [2, 0, 1, 0])
    }

    @Test func afterTheCloseNobodyWantsIt() throws {
        let scene = try StepScene()
        try scene.store.close()
        #expect(try scene.execute("INSERT INTO test_rows (value) VALUES (1)") == "unwanted")
    }

    @Test func theCheckOfTheDatabaseTakesTheTablesAsTheyAre() throws {
        let scene = try StepScene()
        #expect(try scene.execute("INSERT INTO test_rows (value) VALUES (1)") == "[] [] 1")
        try scene.store.checkpoint()
        try scene.store.close()
        var problems: [String] = []
        _ = try Verification.run(on: scene.directory.path) { problems.append($0) }
        #expect(problems.filter { !$0.contains("invocation 1") } == [])
    }
}

extension SQLCell: ExpressibleByIntegerLiteral, ExpressibleByStringLiteral {
    public init(integerLiteral value: Int64) { self = .integer(value) }
    public init(stringLiteral value: String) { self = .text(value) }
}

extension SQLCell: CustomStringConvertible {
    public var description: String {
        switch self {
        case .null: "null"
        case .integer(let value): "\(value)"
        case .real(let value): "\(value)"
        case .text(let value): value
        case .blob(let value): "\(value)"
        }
    }
}
