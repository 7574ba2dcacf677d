import Dispatch
import DurableModel
import Foundation
import Logging
import Runtime
import SQLiteStore
import Synchronization
import Testing

@Suite struct ThreadedStorageTests {
    /// One commit hands in the next from the thread that commits. A step waits for those before it, and for no other.
    @Test func aStepIsNotPassedByLaterCommits() async throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("storage-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: directory) }
        let store = try SQLiteStore(directory: directory.path)
        let storage = ThreadedStorage(store: store, logger: Logger(label: "test")) { error in
            Issue.record("stopped: \(error)")
        }
        let order = Mutex<[String]>([])
        await withCheckedContinuation { ended in
            storage.commit(Self.batch) {
                // From another thread, and before what follows.
                let isHandedIn = DispatchSemaphore(value: 0)
                DispatchQueue(label: "engine").async {
                    storage.transact(Self.step) { _ in order.withLock { $0.append("step") } }
                    isHandedIn.signal()
                }
                isHandedIn.wait()
                storage.commit(Self.batch) {
                    order.withLock { $0.append("commit") }
                    storage.transact(Self.step) { _ in ended.resume() }
                }
            }
        }
        #expect(order.withLock { $0 } == ["step", "commit"])
        storage.stopThread()
        try store.close()
    }

    private static var batch: Batch {
        var batch = Batch()
        batch.append(.putMeta(.clockMs, 1))
        return batch
    }

    private static let step = StoredStep(
        serial: InvocationSerial(1), entry: 0, rank: 0, namespace: "none", statements: [], encode: { _ in [] })
}
