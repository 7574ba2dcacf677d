import Dispatch
import DurableModel
import Foundation
import GRDBSQLite
import SQLiteStore

/// Rows per second that the store commits, against raw SQLite with the same rows per commit: two rows a call, 64 calls
/// a commit, synced.
struct JournalRows {
    let storePerSecond: Double
    let rawPerSecond: Double

    private static let callsPerCommit = 64

    init(in folder: URL, commits: Int) throws {
        let directory = folder.appendingPathComponent("rows-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        storePerSecond = try Self.measureStore(directory.appendingPathComponent("store").path, commits)
        rawPerSecond = try Self.measureRaw(directory.appendingPathComponent("raw.db").path, commits)
    }

    private static func perSecond(_ commits: Int, _ work: (Int) throws -> Void) rethrows -> Double {
        let start = DispatchTime.now().uptimeNanoseconds
        for number in 0..<commits { try work(number) }
        let seconds = Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
        return Double(commits * callsPerCommit * 2) / seconds
    }

    private static func measureStore(_ path: String, _ commits: Int) throws -> Double {
        let store = try SQLiteStore(directory: path)
        _ = try store.recover()
        let batches = (0..<commits).map(batch)
        let rows = try perSecond(commits) { try store.commit(batches[$0]) }
        try store.close()
        return rows
    }

    private static func batch(_ number: Int) -> Batch {
        var batch = Batch()
        for call in 0..<callsPerCommit {
            let serial = number * callsPerCommit + call + 1
            let object = ObjectID(service: "BenchCounter", key: "k\(serial % 1000)")
            let id = InvocationID(partitionKey: UInt64(serial), uuid: UInt128(serial) << 64)
            var progress = Progress(status: .completed)
            progress.outcome = .success(Array("42".utf8))
            progress.completedAtMs = 1_800_000_000_000
            progress.expiresAtMs = 1_800_086_400_000
            let acceptance = Acceptance(
                id: id, target: InvocationTarget(service: object.service, key: object.key, handler: "add"),
                kind: .exclusive, input: Array("1".utf8), createdAtMs: 1_800_000_000_000, seed: 7)
            batch.append(
                .insertInvocation(
                    InvocationSerial(Int64(serial)), InvocationRecord(acceptance: acceptance, progress: progress)))
            batch.append(.putState(object, name: "total", value: Array("42".utf8)))
        }
        return batch
    }

    private static func measureRaw(_ path: String, _ commits: Int) throws -> Double {
        var db: OpaquePointer?
        guard sqlite3_open(path, &db) == SQLITE_OK else { throw BenchFailure("SQLite cannot open \(path)") }
        defer { sqlite3_close(db) }
        func execute(_ sql: String) { sqlite3_exec(db, sql, nil, nil, nil) }
        execute("PRAGMA journal_mode = WAL")
        execute("PRAGMA synchronous = FULL")
        execute("PRAGMA wal_autocheckpoint = 0")
        execute("CREATE TABLE call (serial INTEGER PRIMARY KEY, target TEXT, input BLOB, output BLOB)")
        execute("CREATE TABLE state (key TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID")
        var call: OpaquePointer?
        var state: OpaquePointer?
        sqlite3_prepare_v2(db, "INSERT INTO call VALUES (?, ?, ?, ?)", -1, &call, nil)
        let upsert = "INSERT INTO state VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value"
        sqlite3_prepare_v2(db, upsert, -1, &state, nil)
        defer {
            sqlite3_finalize(call)
            sqlite3_finalize(state)
        }
        return perSecond(commits) { number in
            execute("BEGIN IMMEDIATE")
            for index in 0..<callsPerCommit {
                let serial = number * callsPerCommit + index + 1
                sqlite3_bind_int64(call, 1, Int64(serial))
                bind(call, 2, "BenchCounter/k\(serial % 1000)/add")
                bind(call, 3, "1")
                bind(call, 4, "42")
                sqlite3_step(call)
                sqlite3_reset(call)
                bind(state, 1, "BenchCounter/k\(serial % 1000)")
                bind(state, 2, "42")
                sqlite3_step(state)
                sqlite3_reset(state)
            }
            execute("COMMIT")
        }
    }

    private static func bind(_ statement: OpaquePointer?, _ index: Int32, _ text: String) {
        // SQLite copies: the text lives no longer than this call.
        let copies = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        sqlite3_bind_text(statement, index, text, -1, copies)
    }
}
