import Reprise
import RepriseTesting
import Testing

/// Counts parcels in a table of its own.
private struct Depot: Service {
    static let store = handler("store", Depot.storeParcel)
    static let handlers: Handlers = [store]

    var columns = "number INTEGER PRIMARY KEY, text TEXT"

    var serviceTables: ServiceTables? {
        ServiceTables(
            namespace: "depot",
            migrations: [.init("1: parcels", sql: "CREATE TABLE depot_parcel (\(columns)) STRICT")])
    }

    private func storeParcel(_ ctx: ServiceContext, _ text: String) async throws -> Int64? {
        try await ctx.run("carry") {}
        let result = try await ctx.transaction(
            "store", SQLStatement("INSERT INTO depot_parcel (text) VALUES (?) RETURNING number", .text(text)))
        try await ctx.run("rest") {}
        return result.rows.first?.first?.integer
    }
}

@Suite struct TableTests {
    @Test func statementsAreExecuted() async throws {
        let runtime = try TestRuntime([Depot()])
        let run = try await runtime.run(Depot.store, "a")
        #expect(try run.output == 1)
        #expect(run.operations.map(\.kind) == [.step, .transaction, .step])
        #expect(try await runtime.run(Depot.store, "b").output == 2)
        #expect(try await runtime.rows("SELECT * FROM depot_parcel") == [[1, "a"], [2, "b"]])
        await #expect(throws: UnusableTables.self) { try await runtime.rows("SELECT * FROM nowhere") }
    }

    @Test func failuresAreRetried() async throws {
        let runtime = try TestRuntime([Depot()])
        runtime.inject(.error("locked", times: 2), at: "store")
        let run = try await runtime.run(Depot.store, "a")
        #expect(try run.invocation.operation(named: "store").attempts == 3)
        #expect(try await runtime.rows("SELECT count(*) FROM depot_parcel") == [[1]])
    }

    @Test func whatIsCountedIsCountedOnce() async throws {
        let summary = try await CrashSearch.everyPosition { plan in
            let runtime = try TestRuntime([Depot()], crashes: plan)
            let number = try await runtime.client.service(Depot.self).call(Depot.store, "a")
            return [[number.map(SQLValue.integer) ?? .null]] + (try await runtime.rows("SELECT * FROM depot_parcel"))
        }
        #expect(summary.crashes == 2 * summary.positions)
    }

    @Test func tablesOutliveTheProcessAndDoNotChangeBehindItsBack() async throws {
        let runtime = try TestRuntime([Depot()])
        #expect(try await runtime.run(Depot.store, "a").output == 1)
        await #expect(throws: UnusableTables.self) {
            try await runtime.crash(replacing: [Depot(columns: "number INTEGER PRIMARY KEY")])
        }
        try await runtime.crash()
        #expect(try await runtime.run(Depot.store, "b").output == 2)
        #expect(throws: UnusableTables.self) { try TestRuntime([Depot(columns: "nonsense NONSENSE")]) }
    }
}
