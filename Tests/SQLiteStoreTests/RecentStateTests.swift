import DurableModel
import Foundation
import GRDB
import Testing

@testable import SQLiteStore

/// State that a busy server's commits brought, and that is not in its table yet.
@Suite struct RecentStateTests {
    let directory = TemporaryDirectory(isInMemory: true)
    private let object = ObjectID(service: "Counter", key: "a")

    private func put(_ name: String, _ value: Bytes) -> Mutation { .putState(object, name: name, value: value) }

    private func busy(_ mutations: Mutation...) -> Batch { batch(mutations + Samples.manyChanges) }

    private func loaded(_ store: SQLiteStore) throws -> [StateValue] {
        guard case .object(let found) = try store.load([.object(object)]).first else { return [] }
        return found.values
    }

    private func inTable(_ store: SQLiteStore) throws -> [StateValue] {
        try store.pool.read { db in
            try Row.fetchAll(db, sql: "SELECT name, value FROM state ORDER BY name").map {
                StateValue(name: $0[0], value: Bytes($0[1] as Data))
            }
        }
    }

    @Test func itIsLoadedBeforeItIsInTheTable() throws {
        let store = try directory.open()
        try store.commit(batch([put("a", [1]), put("b", [2])]))
        try store.commit(busy(put("b", [3]), put("c", [4]), .deleteState(object, name: "a")))
        let now = [StateValue(name: "b", value: [3]), StateValue(name: "c", value: [4])]
        #expect(try loaded(store) == now)
        #expect(try inTable(store) == [StateValue(name: "a", value: [1]), StateValue(name: "b", value: [2])])
        // Behind it other commits wait too, until the server has calmed down.
        try store.checkpoint()
        try store.commit(batch([put("d", [5])]))
        #expect(try loaded(store) == now + [StateValue(name: "d", value: [5])])
        #expect(try inTable(store) == [StateValue(name: "a", value: [1]), StateValue(name: "b", value: [2])])
        try store.checkpoint()
        #expect(try inTable(store) == now + [StateValue(name: "d", value: [5])])
        try store.commit(batch([put("e", [6])]))
        #expect(try inTable(store).count == 4)
    }

    /// "é" as one scalar and as two.
    @Test func namesAreToldApartByTheirBytes() throws {
        let store = try directory.open()
        try store.commit(batch([put("\u{e9}", [1])]))
        try store.commit(busy(put("e\u{301}", [2])))
        let both = [StateValue(name: "e\u{301}", value: [2]), StateValue(name: "\u{e9}", value: [1])]
        #expect(try loaded(store) == both)
        try store.commit(batch([put("a", [3])]))
        #expect(try loaded(store) == [StateValue(name: "a", value: [3])] + both)
    }

    @Test func aCrashLosesNothingAndTheStartMakesTheTableWhole() throws {
        let store = try directory.open()
        try store.commit(batch([put("a", [1])]))
        for number in 0..<5 as Range<UInt8> { try store.commit(busy(put("a", [number]), put("\(number)", [number]))) }
        let expected = try loaded(store)
        #expect(expected.count == 6)
        let crashed = try directory.copyOfFiles()
        #expect(try crashed.problems() == [])
        let restarted = try crashed.open()
        #expect(try loaded(restarted) == expected)
        #expect(try inTable(restarted) == expected)
        try store.close()
        #expect(try inTable(try directory.open()) == expected)
    }

    @Test func theServerAtRestMakesTheTableWhole() throws {
        let store = try directory.open()
        try store.commit(busy(put("a", [1])))
        try store.checkpoint()
        #expect(try inTable(store) == [])
        try store.checkpoint()
        #expect(try inTable(store) == [StateValue(name: "a", value: [1])])
        let number = store.lastCommit
        try store.checkpoint()
        #expect(store.lastCommit == number)
    }

    /// However long it is busy, what waits is bounded, and so is what a start has to read.
    @Test func manyCommitsMakeTheTableWhole() throws {
        let store = try directory.open()
        var waiting = 0
        for number in 0..<1100 {
            try store.commit(busy(put("a", [UInt8(number % 256)])))
            if !store.recentState.isEmpty { waiting += 1 }
        }
        #expect(waiting == 1098)
        let rows = try store.pool.read { db in try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM recent_state") }
        #expect(rows == 98)
        #expect(try loaded(store) == [StateValue(name: "a", value: [75])])
    }

    /// They would only be written twice.
    @Test func largeValuesGoToTheTableAtOnce() throws {
        let store = try directory.open()
        try store.commit(busy(put("a", [1]), put("b", [2])))
        let large = Bytes(repeating: 7, count: 50_000)
        try store.commit(busy(put("b", large)))
        #expect(try inTable(store) == [StateValue(name: "a", value: [1]), StateValue(name: "b", value: large)])
        #expect(store.recentState.isEmpty)
    }

    @Test func aCommitThatFailsWhileItSettlesLosesNothing() throws {
        let store = try directory.open()
        try store.commit(busy(put("a", [1]), put("b", [2])))
        try store.limitPages(to: 40)
        let large = Bytes(repeating: 7, count: 400_000)
        let expected = [StateValue(name: "a", value: [1]), StateValue(name: "b", value: [2])]
        for refused in [busy(put("b", large)), batch([put("b", large)])] {
            #expect(failure { try store.commit(refused) }?.code == .full)
            #expect(try loaded(store) == expected)
            #expect(try inTable(store) == [])
        }
        try store.commit(busy(put("c", [3])))
        try store.limitPages(to: nil)
        try store.commit(batch([put("b", large)]))
        #expect(try loaded(store).map(\.value) == [[1], large, [3]])
        #expect(try inTable(store).map(\.value) == [[1], large, [3]])
    }

    /// Only what is carried over makes room in the log.
    @Test func aFullDiskDoesNotKeepTheLogFromBeingCarriedOver() throws {
        let store = try directory.open()
        for number in 0..<20 {
            try store.commit(busy(put("\(number)", Bytes(repeating: 7, count: 30_000))))
        }
        try store.checkpoint()
        try store.commit(batch([put("0", [1])]))
        let commit = store.lastCommit
        try store.limitPages(to: 5)
        #expect(!store.recentState.isEmpty)
        #expect(failure { try store.checkpoint() }?.code == .full)
        let alone = TemporaryDirectory(isInMemory: true)
        try run("/bin/mkdir", [alone.path])
        try run("/bin/cp", [directory.database, alone.path])
        #expect(try alone.otherConnection().read(CommitNumber.read) == commit)
        try store.limitPages(to: nil)
        try store.checkpoint()
        #expect(try inTable(store).count == 20)
    }

    @Test func damageIsNamedAndStopsAStart() throws {
        let store = try directory.open()
        try store.commit(busy(put("a", [1])))
        let crashed = try directory.copyOfFiles()
        try crashed.otherConnection().inDatabase { db in
            try db.execute(sql: "UPDATE recent_state SET changes = x'0105'")
        }
        let problems = try crashed.problems()
        #expect(problems.count == 1 && problems[0].hasPrefix("recent_state: does not decode"), "\(problems)")
        let refusal = failure { _ = try crashed.open() }
        #expect(refusal?.code == .fatal)
        #expect(refusal?.description.contains("restore a backup") == true)
    }
}
