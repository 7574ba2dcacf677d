import DurableModel
import Foundation
import Logging
import Runtime
import SQLiteStore

/// The store of a data directory with all that keeps it going.
struct Storage {
    let store: SQLiteStore
    let driver: ThreadedStorage
    let checkpointer: Checkpointer
    let recovered: RecoveredState

    init(_ configuration: ServerConfiguration, tables: [TableNamespace]) throws(StoreError) {
        let (directory, logger) = (configuration.dataDirectory, configuration.logger)
        let store = try SQLiteStore(directory: directory, options: Self.options(configuration.limits))
        try store.prepareTables(tables)
        self.store = store
        var recovered = try store.recover()
        recovered.endedByTrap = TrapMarker.take(in: directory)
        self.recovered = recovered
        logger.info("recovered up to commit \(store.recoveredCommit)")
        TrapMarker.install(in: directory)
        let driver = ThreadedStorage(store: store, logger: logger) { error in
            logger.critical("stopping: \(error.description); a restart recovers everything that was answered")
            exit(1)
        }
        self.driver = driver
        checkpointer = Checkpointer {
            defer { driver.report(hasReserve: store.hasReserve) }
            do throws(StoreError) {
                try store.checkpoint()
            } catch where error.code == .fatal {
                logger.critical("stopping: \(error.description)")
                exit(1)
            } catch {
                // Busy or full: the next one finds it better, and commits say what is wrong until then.
            }
        }
    }

    private static func options(_ limits: ServerLimits) -> StoreOptions {
        var options = StoreOptions()
        options.stepTimeLimitMs = Int(limits.transactionTimeMax / .milliseconds(1))
        #if DEBUG
            if ProcessInfo.processInfo.environment["REPRISE_UNSAFE_SYNCHRONOUS"] == "normal" {
                options.sabotageDurability()
            }
            if let pages = ProcessInfo.processInfo.environment["REPRISE_MAX_PAGES"] {
                options.pageCountMax = Int(pages)
            }
        #endif
        return options
    }
}

extension Storage {
    /// After the last commit: carries the log into the database and lets go of the directory.
    func close(logger: Logger) {
        checkpointer.stop()
        driver.stopThread()
        do throws(StoreError) {
            try store.close()
        } catch {
            logger.error("closing the data directory: \(error.description); nothing is lost")
        }
    }
}

extension Storage {
    /// Which handler keeps the engine from everything else.
    func logStuckEngine(_ serial: InvocationSerial, _ duration: Duration, _ logger: Logger) {
        guard case .invocation(let found?)? = try? store.load([.invocation(serial)]).first else {
            return logger.error("nothing goes on: a handler that has just begun has not returned for \(duration)")
        }
        let target = found.record.acceptance.target
        logger.error(
            """
            \(target.service)/\(target.handler) has neither waited for anything nor returned for \(duration), and \
            nothing else goes on: it computes or blocks outside of a run
            """, metadata: ["invocation": "\(found.record.acceptance.id.text)"])
    }
}
