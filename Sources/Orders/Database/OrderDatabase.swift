import Dispatch
import Foundation
import GRDB
import Synchronization

/// Whoever has the tables.
protocol OrderConnection: Sendable {
    func write<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value
    func read<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value
}

/// The file with the tables: opened when it is first needed, and again when it has been replaced.
///
/// Nothing here blocks a thread that others wait for: opening happens on a queue of its own, and writes wait for their
/// turn without a thread. A file that is locked or away makes a step fail, and the step is repeated.
final class OrderDatabase: OrderConnection {
    struct Unavailable: Error, CustomStringConvertible {
        let description: String
    }

    /// Tells one file from another that has its name.
    private struct FileIdentity: Equatable {
        let device: UInt64
        let inode: UInt64

        init?(_ path: String) {
            var information = stat()
            guard stat(path, &information) == 0 else { return nil }
            device = UInt64(information.st_dev)
            inode = UInt64(information.st_ino)
        }
    }

    private struct Opened {
        let pool: DatabasePool
        let identity: FileIdentity
    }

    private let path: String
    private let opened = Mutex<Opened?>(nil)
    private let opening = DispatchQueue(label: "orders.database.open")

    init(path: String) { self.path = path }

    func write<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        try await pool().write(body)
    }

    func read<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        try await pool().read(body)
    }

    private func pool() async throws -> DatabasePool {
        if let pool = try current() { return pool }
        return try await withCheckedThrowingContinuation { continuation in
            opening.async { [self] in continuation.resume(with: Result { try open() }) }
        }
    }

    /// The open file if it is still the one of that name. One that has gone is not made anew behind the back of whoever
    /// has moved it.
    private func current() throws -> DatabasePool? {
        guard let opened = opened.withLock({ $0 }) else { return nil }
        guard let identity = FileIdentity(path) else { throw Unavailable(description: "\(path) is gone") }
        return identity == opened.identity ? opened.pool : nil
    }

    private func open() throws -> DatabasePool {
        if let pool = try current() { return pool }
        var configuration = Configuration()
        configuration.label = "orders"
        configuration.busyMode = .timeout(1)
        let pool = try DatabasePool(path: path, configuration: configuration)
        // What a step has written must be as durable as the journal that says so. GRDB sets NORMAL when it opens.
        try pool.writeWithoutTransaction { db in try db.execute(sql: "PRAGMA synchronous = FULL") }
        guard try pool.read({ db in try !OrderSchema.migrator.hasBeenSuperseded(db) }) else {
            throw Unavailable(description: "\(path) was written by a newer version")
        }
        try OrderSchema.migrator.migrate(pool)
        guard let identity = FileIdentity(path) else { throw Unavailable(description: "\(path) is gone") }
        opened.withLock { $0 = Opened(pool: pool, identity: identity) }
        return pool
    }
}
