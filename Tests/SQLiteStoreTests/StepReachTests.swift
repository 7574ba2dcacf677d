import DurableModel
import GRDB
import Testing

@testable import SQLiteStore

/// What statements of services can touch, and what they cannot.
@Suite struct StepReachTests {
    private static let schema = "the schema is out of reach: migrations make the tables of their namespace"

    @Test(arguments: [
        ("SELECT * FROM invocation", "table invocation is not one of the service's"),
        ("SELECT count(*) FROM invocation", "table invocation is not one of the service's"),
        ("SELECT max(serial) FROM brief", "table brief is not one of the service's"),
        ("SELECT count(*) FROM journal", "table journal is not one of the service's"),
        ("SELECT 1 FROM JOURNAL", "table JOURNAL is not one of the service's"),
        ("SELECT (SELECT max(value) FROM meta)", "table meta is not one of the service's"),
        ("INSERT INTO test_rows (value) SELECT status FROM invocation", "table invocation is not one of the service's"),
        ("UPDATE test_rows SET value = (SELECT value FROM state)", "table state is not one of the service's"),
        ("INSERT INTO state VALUES ('a', 'b', 'c', x'')", "table state is not one of the service's"),
        ("UPDATE meta SET value = 0", "table meta is not one of the service's"),
        ("DELETE FROM journal", "table journal is not one of the service's"),
        ("DELETE FROM other_rows", "table other_rows is not one of the service's"),
        ("SELECT * FROM other_rows", "table other_rows is not one of the service's"),
        ("SELECT count(*) FROM other_rows", "table other_rows is not one of the service's"),
        ("SELECT * FROM service_migration", "table service_migration is not one of the service's"),
        ("SELECT * FROM sqlite_schema", "table sqlite_master is not one of the service's"),
        ("SELECT count(*) FROM sqlite_schema", "table sqlite_schema is not one of the service's"),
        ("SELECT * FROM pragma_table_list", StepReachTests.schema),
        ("SELECT count(*) FROM pragma_table_list", StepReachTests.schema),
        ("SELECT count(*) FROM dbstat", StepReachTests.schema),
        ("SELECT * FROM test_spy", "table invocation is not one of the service's"),
        ("SELECT count(*) FROM test_spy", "table invocation is not one of the service's"),
        ("BEGIN", "transactions belong to the server"), ("COMMIT", "transactions belong to the server"),
        ("END", "transactions belong to the server"), ("ROLLBACK", "transactions belong to the server"),
        ("SAVEPOINT a", "transactions belong to the server"), ("RELEASE a", "transactions belong to the server"),
        ("ROLLBACK TO a", "transactions belong to the server"),
        ("PRAGMA synchronous = OFF", "PRAGMA synchronous belongs to the server"),
        ("PRAGMA table_info(invocation)", "PRAGMA table_info belongs to the server"),
        ("ATTACH ':memory:' AS x", "other databases are out of reach"),
        ("DETACH main", "other databases are out of reach"),
        ("SELECT load_extension('x')", "function load_extension is not allowed"),
        ("CREATE TABLE test_more (a)", StepReachTests.schema),
        ("CREATE TEMP TABLE test_more (a)", StepReachTests.schema),
        ("CREATE INDEX test_i ON test_rows (id)", StepReachTests.schema),
        ("DROP TABLE test_rows", StepReachTests.schema),
        ("ALTER TABLE test_rows ADD COLUMN x", StepReachTests.schema),
        ("ANALYZE", StepReachTests.schema),
        ("REINDEX", StepReachTests.schema),
    ])
    func outOfReach(_ sql: String, _ reason: String) throws {
        let scene = try scene()
        let (rest, values) = (try scene.rest, try scene.values)
        let answer = try scene.execute(sql)
        #expect(answer == "failed: \(reason)", "\(sql): \(answer)")
        #expect(try scene.rest == rest)
        #expect(try scene.values == values)
    }

    private func scene() throws -> StepScene {
        let scene = try StepScene()
        let spy = TableNamespace.Migration(name: "2", sql: "CREATE VIEW test_spy AS SELECT * FROM invocation")
        let other = TableNamespace(name: "other", migrations: [.init(name: "1", sql: "CREATE TABLE other_rows (a)")])
        var namespace = StepScene.namespace
        namespace.migrations.append(spy)
        try scene.store.prepareTables([namespace, other])
        return scene
    }

    @Test func theFileIsNotVacuumed() throws {
        let scene = try scene()
        let rest = try scene.rest
        #expect(try scene.execute("VACUUM").hasPrefix("failed: "))
        #expect(try scene.execute("VACUUM INTO '/tmp/never'").hasPrefix("failed: "))
        #expect(try scene.rest == rest)
    }

    @Test(arguments: [
        ("WITH n AS (SELECT 2 AS x) SELECT x FROM n", "2"), ("WITH n AS (SELECT 2) SELECT count(*) FROM n", "1"),
        ("SELECT count(*) FROM test_rows", "0"), ("SELECT count(*) FROM TEST_ROWS", "0"),
        ("SELECT count(*) FROM (SELECT 1 UNION SELECT 2)", "2"), ("SELECT sum(value) FROM json_each('[1,2]')", "3"),
        ("SELECT count(*) FROM json_each('[1,2]')", "2"), ("VALUES (lower('A'))", "a"),
        ("SELECT row_number() OVER (ORDER BY t.value) FROM (SELECT 1 AS value) t", "1"),
    ])
    func withinReach(_ sql: String, _ first: String) throws {
        let outcome = try scene().execute(sql)
        #expect(outcome.contains("[[\(first)]]"), "\(outcome)")
    }

    @Test func upsertsAndForeignKeysWork() throws {
        let scene = try scene()
        #expect(try scene.execute("INSERT INTO test_rows VALUES (1, 1)") == "[] [] 1")
        let upsert = "INSERT INTO test_rows VALUES (1, 5) ON CONFLICT (id) DO UPDATE SET value = value + excluded.value"
        #expect(try scene.execute(upsert, entry: 1) == "[] [] 1")
        #expect(try scene.values == ["6"])
    }

    // MARK: Migrations

    private func made(_ sql: String, in scene: StepScene) -> String {
        var namespace = StepScene.namespace
        namespace.migrations.append(.init(name: "2", sql: sql))
        return failure { try scene.store.prepareTables([namespace]) }?.description ?? "made"
    }

    @Test func migrationsAreMadeOnceAndInOrder() throws {
        let scene = try StepScene()
        let sql = """
            CREATE TABLE test_lines (id INTEGER PRIMARY KEY AUTOINCREMENT, row INTEGER REFERENCES test_rows, a TEXT UNIQUE);
            CREATE INDEX test_lines_by_row ON test_lines (row);
            CREATE TRIGGER test_copy AFTER INSERT ON test_rows BEGIN INSERT INTO test_lines (row) VALUES (new.id); END;
            CREATE VIEW test_all AS SELECT * FROM test_rows JOIN test_lines ON row = test_rows.id;
            INSERT INTO test_rows VALUES (1, 1);
            ALTER TABLE test_rows ADD COLUMN note TEXT NOT NULL DEFAULT '-';
            ALTER TABLE test_lines RENAME COLUMN a TO b;
            CREATE TABLE test_gone (a); DROP TABLE test_gone;
            """
        #expect(made(sql, in: scene) == "made")
        #expect(made(sql, in: scene) == "made")
        #expect(try scene.execute("SELECT note, b FROM test_all") == #"["note", "b"] [[-, null]] 0"#)
        #expect(
            try scene.execute("INSERT INTO test_lines (row) VALUES (77)", entry: 1)
                == "failed: FOREIGN KEY constraint failed")
        #expect(
            made("SELECT 1", in: scene)
                == "migration '2' of 'test' was made with other statements: a change needs a migration of its own")
    }

    @Test(arguments: [
        "CREATE TABLE mine (a)", "CREATE TABLE invocation2 (a)", "DROP TABLE journal", "DELETE FROM journal",
        "ALTER TABLE test_rows RENAME TO journal2", "ALTER TABLE journal ADD COLUMN a", "CREATE INDEX i ON test_rows (id)",
        "CREATE INDEX test_i ON journal (kind)",
        "CREATE TRIGGER test_t AFTER INSERT ON journal BEGIN DELETE FROM test_rows; END", "DROP INDEX invocation_by_id",
        "CREATE TABLE test_copy AS SELECT * FROM invocation", "CREATE TEMP TABLE test_t (a)", "PRAGMA user_version = 3",
        "COMMIT; CREATE TABLE test_a (a); BEGIN", "ROLLBACK", "ATTACH ':memory:' AS x",
        "CREATE VIRTUAL TABLE test_v USING fts5 (a)", "INSERT INTO sqlite_master VALUES (1, 2, 3, 4, 5)",
        "CREATE TABLE test_a (a); SYNTAX ERROR", "INSERT INTO service_migration VALUES ('a', 'b', 'c')",
        "CREATE TABLE test_x (a); ALTER TABLE test_x RENAME TO outside",
    ])
    func migrationsKeepToTheirNamespace(_ sql: String) throws {
        let scene = try StepScene()
        let rest = try scene.rest
        #expect(made(sql, in: scene).hasPrefix("migration '2' of 'test': "), "\(sql): \(made(sql, in: scene))")
        #expect(try scene.rest == rest)
        // The next start, without it, finds all as it was.
        #expect(failure { try scene.store.prepareTables([StepScene.namespace]) } == nil)
        #expect(try scene.execute("INSERT INTO test_rows (value) VALUES (1)") == "[] [] 1")
    }
}
