import Foundation
import Testing

@testable import Reprise

/// Tables for transactional steps: what may be declared, where, and what is journaled of the results.
@Suite struct TablesTests {
    struct Keeper: Service {
        static let name = "Keeper"
        static let count = handler("count") { (ctx: ServiceContext) -> SQLResult in
            try await ctx.transaction("count", SQLStatement("SELECT count(*) FROM keep_rows WHERE a = ?", 1))
        }
        static let handlers: Handlers = [count]
        var serviceTables: ServiceTables?
    }
    struct Neighbour: Service {
        static let handlers: Handlers = [handler("run") { (_: ServiceContext) in }]
        var serviceTables: ServiceTables?
    }

    private func tables(_ namespace: String, _ sql: String = "CREATE TABLE keep_rows (a)") -> ServiceTables {
        ServiceTables(namespace: namespace, migrations: [.init("1", sql: sql)])
    }

    @Test func anEngineThatKeepsNoneRefuses() {
        let service = Keeper(serviceTables: tables("keep"))
        #expect(throws: RegistrationError.tablesNotKept(service: "Keeper")) { try ServiceRegistration([service]) }
        #expect(throws: RegistrationError.tablesNotKept(service: "Keeper")) { try MemoryRuntime([service]) }
        #expect(throws: Never.self) { try ServiceRegistration([service], keepsTables: true) }
    }

    @Test(arguments: [
        ("", "namespace '' must be lower-case letters and digits, a letter first"),
        ("Order", "namespace 'Order' must be lower-case letters and digits, a letter first"),
        ("a_b", "namespace 'a_b' must be lower-case letters and digits, a letter first"),
        ("1a", "namespace '1a' must be lower-case letters and digits, a letter first"),
        ("sqlite", "namespace 'sqlite' belongs to the server"), ("grdb", "namespace 'grdb' belongs to the server"),
        ("service", "namespace 'service' belongs to the server"), ("large", "namespace 'large' belongs to the server"),
    ])
    func namespacesHaveRules(_ namespace: String, _ reason: String) {
        #expect(throws: RegistrationError.invalidTables(service: "Keeper", reason: reason)) {
            try ServiceRegistration([Keeper(serviceTables: tables(namespace))], keepsTables: true)
        }
    }

    @Test func migrationsHaveNamesOfTheirOwn() {
        let twice = ServiceTables(namespace: "keep", migrations: [.init("1", sql: "a"), .init("1", sql: "b")])
        let reason = "two migrations of namespace 'keep' have one name"
        #expect(throws: RegistrationError.invalidTables(service: "Keeper", reason: reason)) {
            try ServiceRegistration([Keeper(serviceTables: twice)], keepsTables: true)
        }
    }

    @Test func aNamespaceIsSharedOnlyWithTheSameMigrations() {
        let keeper = Keeper(serviceTables: tables("keep"))
        #expect(throws: Never.self) {
            try ServiceRegistration([keeper, Neighbour(serviceTables: tables("keep"))], keepsTables: true)
        }
        let reason = "namespace 'keep' has other migrations in service 'Keeper'"
        #expect(throws: RegistrationError.invalidTables(service: "Neighbour", reason: reason)) {
            try ServiceRegistration([keeper, Neighbour(serviceTables: tables("keep", "other"))], keepsTables: true)
        }
    }

    @Test func withoutTheCapabilityAStepIsATerminalError() async throws {
        let runtime = try MemoryRuntime([Keeper()])
        await #expect(
            throws: TerminalError("transaction 'count' is not possible: this engine keeps no tables for services")
        ) {
            try await runtime.client.service(Keeper.self).call(Keeper.count)
        }
    }

    @Test func resultsAreJournaledWithTheirKinds() throws {
        let row: [SQLValue] = [
            nil, 7, .integer(.min), .integer(.max), 0.5, .real(3), .real(.infinity), .real(-.infinity), "", "a\"b",
            .blob([]), .blob([0, 255]),
        ]
        let result = SQLResult(columns: ["a"], rows: [row, []], changes: 3)
        let codec = PayloadCodec<SQLResult>.automatic()
        let bytes = try codec.encode(result)
        #expect(try codec.decode(bytes) == result)
        #expect(
            String(decoding: bytes, as: UTF8.self) == """
                {"changes":3,"columns":["a"],"rows":[[null,7,-9223372036854775808,9223372036854775807,\
                {"real":0.5},{"real":3},{"real":"inf"},{"real":"-inf"},"","a\\"b",{"blob":""},{"blob":"AP8="}],[]]}
                """)
    }

    @Test func valuesSayWhatTheyAre() {
        #expect(SQLValue.integer(3).real == 3 && SQLValue.integer(3).integer == 3 && SQLValue.integer(3).text == nil)
        #expect(SQLValue.real(3).integer == nil && SQLValue.text("a").text == "a" && SQLValue.text("a").blob == nil)
        #expect(SQLValue.blob([1]).blob == [1] && SQLValue.null.integer == nil && SQLValue.null.real == nil)
    }
}
