import DurableModel
import GRDB
import Testing

@testable import SQLiteStore

@Suite struct CheckpointTests {
    let directory = TemporaryDirectory()
    private let object = ObjectID(service: "Big", key: "a")

    private func put(_ store: SQLiteStore, _ name: Int, bytes: Int) throws {
        try store.commit(batch([.putState(object, name: "\(name)", value: Bytes(repeating: 1, count: bytes))]))
    }

    @Test func commitsDoNotCheckpoint() throws {
        let store = try directory.open()
        let before = store.sizes()
        for name in 0..<20 { try put(store, name, bytes: 500_000) }
        #expect(store.sizes().databaseBytes == before.databaseBytes)
        #expect(store.sizes().walBytes > before.walBytes + 10_000_000)
        try store.checkpoint()
        #expect(store.sizes().databaseBytes > before.databaseBytes + 10_000_000)
    }

    @Test func theLogIsReusedUnderLoad() throws {
        let store = try directory.open { $0.walRestartBytes = 2 << 20 }
        for name in 0..<100 {
            try put(store, name, bytes: 200_000)
            try store.checkpoint()
        }
        #expect(store.sizes().walBytes < 6 << 20)
    }

    @Test func anIdleLogIsCut() throws {
        let store = try directory.open { $0.idleWalBytesMax = 1 << 20 }
        for name in 0..<10 { try put(store, name, bytes: 200_000) }
        try store.checkpoint()
        #expect(store.sizes().walBytes > 1 << 20)
        try store.checkpoint()
        #expect(store.sizes().walBytes == 0)
        try put(store, 1, bytes: 5)
    }

    /// Syncing one that grows again takes almost twice as long.
    @Test func aLogOfUsualSizeIsKeptForWhatComesNext() throws {
        let store = try directory.open()
        for name in 0..<110 { try put(store, name, bytes: 100_000) }
        let busy = store.sizes().walBytes
        #expect(busy > 8 << 20)
        for _ in 0..<3 { try store.checkpoint() }
        #expect(store.sizes().walBytes == busy)
    }

    @Test func closingLeavesNoLog() throws {
        let store = try directory.open()
        try put(store, 1, bytes: 200_000)
        try store.close()
        #expect(store.sizes().walBytes == 0)
        #expect(store.sizes().databaseBytes > 200_000)
    }

    @Test func deletedRowsGiveTheirRoomBack() throws {
        let store = try directory.open { $0.idleWalBytesMax = 0 }
        for name in 0..<100 { try put(store, name, bytes: 500_000) }
        try store.checkpoint()
        let full = store.sizes().databaseBytes
        #expect(full > 50_000_000)
        try store.commit(batch((0..<100).map { .deleteState(object, name: "\($0)") }))
        for _ in 0..<10 { try store.checkpoint() }
        // 8 MiB stay for what is written next.
        #expect(store.sizes().databaseBytes < 10_000_000)
    }

    @Test func aReaderInTheWayIsNoFailure() throws {
        let store = try directory.open { $0.idleWalBytesMax = 0 }
        let other = try directory.otherConnection()
        try other.inDatabase { db in
            try db.execute(sql: "BEGIN; SELECT COUNT(*) FROM state")
            try put(store, 1, bytes: 100_000)
            try store.checkpoint()
            try store.checkpoint()
            #expect(store.sizes().walBytes > 100_000)
            try db.execute(sql: "COMMIT")
        }
        try store.checkpoint()
        #expect(store.sizes().walBytes == 0)
    }

    /// Commits, loads, inspections and checkpoints from several threads at once.
    @Test func readersSeeWholeCommitsBesideTheWriter() async throws {
        let store = try directory.open { $0.walRestartBytes = 1 << 20 }
        try store.commit(batch([.putMeta(.clockMs, 0), .putMeta(.serialCeiling, 0)]))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for number in 1...300 {
                    let value = Bytes(repeating: UInt8(number & 255), count: 9000)
                    try store.commit(
                        batch([
                            .putMeta(.clockMs, Int64(number)), .putMeta(.serialCeiling, Int64(number)),
                            .putState(self.object, name: "a", value: value),
                        ]))
                }
            }
            group.addTask {
                for _ in 0..<300 {
                    let meta = try store.recover().meta
                    #expect(meta[.clockMs] == meta[.serialCeiling])
                    guard case .object(let loaded) = try store.load([.object(self.object)])[0] else { continue }
                    #expect(loaded.values.allSatisfy { Set($0.value).count == 1 })
                }
            }
            group.addTask { for _ in 0..<50 { try store.checkpoint() } }
            try await group.waitForAll()
        }
        #expect(try store.recover().meta[.clockMs] == 300)
    }
}
