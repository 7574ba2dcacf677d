import Dispatch
package import DurableModel
package import Logging
import Synchronization

/// The store on threads of its own: one commits, others read. Retries what the disk refuses for now and stops the
/// process on what it refuses for good: restart is the recovery path.
package final class ThreadedStorage: StorageDriver {
    package enum Health: Sendable, Equatable {
        case well
        /// Nothing can be written at the moment, for this reason.
        case stuck(String)
    }

    let store: any DurableStore
    private let logger: Logger
    let stop: @Sendable (StoreError) -> Void
    /// In order of arrival: a commit that hands in the next one does not pass a step that waits.
    let commits = SerialThread(name: "reprise-commit")
    private let reads = DispatchQueue(label: "reprise.read", attributes: .concurrent)
    private let healthState = Mutex(HealthState())
    private let times = Mutex(DurationHistogram())

    /// `stop` ends the process; it is called on an error after which the disk's state is unknown.
    package init(store: any DurableStore, logger: Logger, stop: @escaping @Sendable (StoreError) -> Void) {
        self.store = store
        self.logger = logger
        self.stop = stop
    }

    /// After the last commit: ends the thread that commits.
    package func stopThread() { commits.stop() }

    private struct HealthState {
        var stuckReason: String?
        /// The disk was full and the room kept for that case has been given up.
        var lacksReserve = false
    }

    package var health: Health {
        healthState.withLock { state in
            if let reason = state.stuckReason { return .stuck(reason) }
            return state.lacksReserve ? .stuck("the disk was full and has not enough room again") : .well
        }
    }

    /// How long commits took, from their begin until they were synced.
    package var commitTimes: DurationHistogram { times.withLock { $0 } }

    /// Says whether the room that is kept for a full disk is there. New work waits until it is.
    package func report(hasReserve: Bool) {
        healthState.withLock { $0.lacksReserve = !hasReserve }
    }

    package func commit(_ batch: Batch, done: @escaping @Sendable () -> Void) {
        commits.submitLast { [self] in
            Failpoint.hit(.beforeCommit)
            let start = DispatchTime.now().uptimeNanoseconds
            guard write(batch) else { return }
            let durationUs = (DispatchTime.now().uptimeNanoseconds - start) / 1_000
            times.withLock { $0.record(us: durationUs) }
            Failpoint.hit(.afterCommit)
            done()
        }
    }

    /// True once the batch is on disk.
    private func write(_ batch: Batch) -> Bool {
        let startedAt = DispatchTime.now()
        var hasSpoken = false
        while true {
            do throws(StoreError) {
                try store.commit(batch)
                let wasStuck = healthState.withLock { $0.stuckReason.take() != nil }
                if wasStuck { logger.notice("the data directory can be written again") }
                return true
            } catch {
                guard error.code == .full || error.code == .busy else {
                    stop(error)
                    return false
                }
                let waitedMs = (DispatchTime.now().uptimeNanoseconds - startedAt.uptimeNanoseconds) / 1_000_000
                if error.code == .full || waitedMs >= 5_000 {
                    healthState.withLock { state in
                        state.stuckReason = error.description
                        if error.code == .full { state.lacksReserve = true }
                    }
                }
                if !hasSpoken, error.code == .full || waitedMs >= 1_000 {
                    hasSpoken = true
                    logger.error("cannot write: \(error.description); nothing is lost, trying again")
                }
                pause(error.code == .full ? .milliseconds(200) : .milliseconds(10))
            }
        }
    }

    func pause(_ interval: DispatchTimeInterval) {
        _ = DispatchSemaphore(value: 0).wait(timeout: .now() + interval)
    }

    package func load(_ keys: [LoadKey], done: @escaping @Sendable ([LoadedValue]) -> Void) {
        reads.async { [self] in
            while true {
                do throws(StoreError) {
                    return done(try store.load(keys))
                } catch {
                    guard error.code == .busy else { return stop(error) }
                    pause(.milliseconds(10))
                }
            }
        }
    }
}
