/// How a `SQLiteStore` behaves. The defaults are those of the server.
package struct StoreOptions: Sendable {
    /// How long a commit waits for another connection's lock before it throws `.busy`.
    package var busyTimeoutMs = 50
    /// Inspection that takes longer is ended, because an open read keeps the write-ahead log from being reused.
    package var inspectionTimeoutMs = 1000
    /// How long the statements of one transactional step may take: commits wait meanwhile.
    package var stepTimeLimitMs = 250
    /// A write-ahead log of this many bytes is emptied even under load. Below the ballast, which is the only room that
    /// is left for what the log must add to the database when the disk is full.
    package var walRestartBytes: Int64 = 8 << 20
    /// A write-ahead log file larger than this is cut when nothing was committed between two checkpoints. Well above
    /// what a busy server's reaches: to sync a log that grows anew takes almost twice as long as to sync one whose
    /// blocks are there.
    package var idleWalBytesMax: Int64 = 16 << 20
    /// Bytes held back for the day when the disk is full; 0 for none.
    package var ballastBytes: Int64 = 16 << 20
    /// Upper bound of the database's size in pages of 4 KiB: a full disk for tests.
    package var pageCountMax: Int?
    /// Run on the writing connection after it was opened and before it is verified. Only tests change it.
    package var writerPragmas = [
        "PRAGMA synchronous = FULL",
        "PRAGMA wal_autocheckpoint = 0",
        "PRAGMA cache_size = -32768",
        "PRAGMA temp_store = MEMORY",
        // What is deleted is overwritten where that costs no page more; a freed page keeps its contents until it is
        // used again. Debian's default writes zeroes to each of them.
        "PRAGMA secure_delete = FAST",
    ]

    #if DEBUG
        /// False lets a test start a server that is not durable, to see that its other tests notice.
        var verifiesDurability = true

        package mutating func sabotageDurability() {
            verifiesDurability = false
            writerPragmas = writerPragmas.map { $0 == "PRAGMA synchronous = FULL" ? "PRAGMA synchronous = NORMAL" : $0 }
        }
    #endif

    package init() {}
}
