import CSQLite
import DurableModel
import GRDB

/// How the connections of the store are opened, and the proof that what the writer commits is durable.
enum Connections {
    /// SQLite takes it before its first use only; whoever comes later changes nothing.
    private static let countsNoMemory: Void = reprise_sqlite_count_no_memory()

    static func openPool(_ path: String, _ options: StoreOptions) throws -> DatabasePool {
        _ = countsNoMemory
        var configuration = base
        configuration.label = "reprise.store"
        configuration.maximumReaderCount = 5  // four that load, and the checkpoint's
        configuration.busyMode = .timeout(Double(options.busyTimeoutMs) / 1000)
        configuration.prepareDatabase { db in
            if db.configuration.readonly {
                try db.execute(sql: "PRAGMA busy_timeout = 1000")
            } else {
                // Only before the first table is created; later it changes nothing.
                try db.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL")
            }
        }
        let pool = try DatabasePool(path: path, configuration: configuration)
        try pool.writeWithoutTransaction { db in
            // GRDB sets `synchronous = NORMAL` when it opens the log, after `prepareDatabase`: commits would then be
            // synced at checkpoints only.
            for pragma in options.writerPragmas { try db.execute(sql: pragma) }
            try verifyDurability(db, options)
            try limitPages(to: options.pageCountMax, db)
        }
        try migrate(pool, path)
        return pool
    }

    static func openCheckpointer(_ path: String) throws -> DatabaseQueue {
        var configuration = base
        configuration.label = "reprise.checkpoint"
        configuration.busyMode = .immediateError
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        try queue.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0")
        }
        return queue
    }

    static func openInspector(_ path: String) throws -> DatabaseQueue {
        var configuration = base
        configuration.label = "reprise.inspection"
        configuration.readonly = true
        configuration.busyMode = .timeout(1)
        return try DatabaseQueue(path: path, configuration: configuration)
    }

    /// For tools beside the server, or instead of it. It never carries the log over.
    static func openForReading(_ path: String) throws -> DatabaseQueue {
        var configuration = base
        configuration.label = "reprise.reading"
        configuration.readonly = true
        configuration.busyMode = .timeout(5)
        return try DatabaseQueue(path: path, configuration: configuration)
    }

    /// For a database that grows by pages copied from another one and is thrown away if it does not get whole.
    static func openForCopy(_ path: String) throws -> DatabaseQueue {
        var configuration = base
        configuration.label = "reprise.copy"
        configuration.prepareDatabase { db in try db.execute(sql: "PRAGMA journal_mode = MEMORY") }
        return try DatabaseQueue(path: path, configuration: configuration)
    }

    static func verifyDurability(_ db: Database, _ options: StoreOptions) throws {
        #if DEBUG
            guard options.verifiesDurability else { return }
        #endif
        let synchronous = try Int.fetchOne(db, sql: "PRAGMA synchronous")
        let journalMode = try String.fetchOne(db, sql: "PRAGMA journal_mode")
        guard synchronous == 2, journalMode == "wal" else {
            throw StoreError(
                .unusable,
                "commits would not be durable: synchronous is \(synchronous ?? -1) instead of 2, "
                    + "journal_mode is \(journalMode ?? "unknown") instead of wal")
        }
    }

    static func limitPages(to pageCountMax: Int?, _ db: Database) throws {
        try db.execute(sql: "PRAGMA max_page_count = \(pageCountMax ?? 0xffff_fffe)")
    }

    private static var base: Configuration {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false
        return configuration
    }

    private static func migrate(_ pool: DatabasePool, _ path: String) throws {
        try pool.read { db in try Schema.requireKnown(db, path) }
        try Schema.migrator.migrate(pool)
    }
}
