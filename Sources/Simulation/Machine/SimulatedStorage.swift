package import DurableModel
import Runtime

/// A disk that does what it is told when the world says so. What commits and loads are told is what the store on a real
/// disk would tell them, in its worst mood.
///
/// `@unchecked Sendable`: a simulation has one thread, and everything in it happens there.
package final class SimulatedStorage: StorageDriver, @unchecked Sendable {
    /// What ails the disk at the moment.
    package enum Trouble: Sendable, Equatable {
        case none
        /// Another connection holds the lock.
        case busy(untilMs: Int64)
        case full(untilMs: Int64)
        case slow(untilMs: Int64)
    }

    package struct Load {
        let keys: [LoadKey]
        let done: @Sendable ([LoadedValue]) -> Void
        /// What was read; nil while the read has not happened.
        var values: [LoadedValue]?
    }

    package private(set) var disk: DiskImage
    package var trouble = Trouble.none
    /// Commits that fail before one succeeds.
    package var failuresAhead = 0
    private var commit: (batch: Batch, done: @Sendable () -> Void)?
    /// Of the commit under way: steps that were asked for before it go first.
    private(set) var commitTicket: Int?
    private var nextTicket = 0
    var steps: [Step] = []
    private var nextTryMs: Int64 = 0
    private var troubledSinceMs: Int64?
    private var stuckReason: String?
    private var loads: [Load] = []
    private let sabotage: StorageSabotage
    let tables: ServiceTablesDisk

    private let endedByTrap: Bool

    /// - Parameter endedByTrap: The process before this one ended by a trap of its own.
    init(disk: DiskImage, tables: ServiceTablesDisk, endedByTrap: Bool = false, sabotage: StorageSabotage) {
        self.disk = disk
        self.tables = tables
        self.endedByTrap = endedByTrap
        self.sabotage = sabotage
    }

    // MARK: The driver

    package func commit(_ batch: Batch, done: @escaping @Sendable () -> Void) {
        precondition(commit == nil, "a commit began while another was under way")
        commit = (batch, done)
        commitTicket = takeTicket()
        nextTryMs = 0
    }

    func takeTicket() -> Int {
        defer { nextTicket += 1 }
        return nextTicket
    }

    package func load(_ keys: [LoadKey], done: @escaping @Sendable ([LoadedValue]) -> Void) {
        loads.append(Load(keys: keys, done: done))
    }

    /// Why nothing can be recorded now, as the server tells its callers.
    package var refusal: Refusal? { stuckReason.map(Refusal.stuck) }

    package func recover() -> RecoveredState {
        var state = disk.recover()
        state.endedByTrap = endedByTrap
        return sabotage.recovered(state, disk)
    }

    // MARK: The world's side

    package var hasCommit: Bool { commit != nil }
    /// When the commit under way may be tried (again); nil when there is none.
    package var commitTryMs: Int64? {
        guard commit != nil, !hasStep else { return nil }
        if case .slow(let untilMs) = trouble { return max(nextTryMs, untilMs) }
        return nextTryMs
    }

    /// Tries the commit under way. False when the disk refused it for now.
    package func tryCommit(upMs: Int64) -> Bool {
        guard commit != nil else { return true }
        switch trouble {
        case .full(let untilMs) where upMs < untilMs:
            stuckReason = "disk full"
            nextTryMs = upMs + 200
            return false
        case .busy(let untilMs) where upMs < untilMs:
            return beBusy(upMs)
        default:
            guard failuresAhead == 0 else {
                failuresAhead -= 1
                return beBusy(upMs)
            }
            trouble = .none
            troubledSinceMs = nil
            stuckReason = nil
            return true
        }
    }

    private func beBusy(_ upMs: Int64) -> Bool {
        let sinceMs = troubledSinceMs ?? upMs
        troubledSinceMs = sinceMs
        if upMs - sinceMs >= 5_000 { stuckReason = "database is locked" }
        nextTryMs = upMs + 10
        return false
    }

    /// The commit under way reaches the disk; `done` is what follows if the process lives to see it.
    package func writeCommit() -> (@Sendable () -> Void)? {
        guard let commit else { return nil }
        self.commit = nil
        commitTicket = nil
        sabotage.remember(disk)
        disk.apply(commit.batch)
        return commit.done
    }

    /// Nobody waits for the disk any more.
    func forgetWork() {
        commit = nil
        loads = []
        steps = []
    }

    func write(_ record: StepRecord) { disk.apply(record) }

    package var unreadLoads: Int { loads.count { $0.values == nil } }
    package var readLoads: Int { loads.count { $0.values != nil } }

    /// One load reads; its answer is under way from then on.
    package func read(_ number: Int) {
        guard let index = index(of: number, isRead: false) else { return }
        loads[index].values = loads[index].keys.map { sabotage.loaded($0, disk) }
    }

    /// One answer arrives; if `twice`, it will come again. Answers overtake each other.
    package func deliver(_ number: Int, twice: Bool = false) {
        guard let index = index(of: number, isRead: true), let values = loads[index].values else { return }
        let load = twice ? loads[index] : loads.remove(at: index)
        load.done(values)
    }

    private func index(of number: Int, isRead: Bool) -> Int? {
        var left = number
        for index in loads.indices where (loads[index].values != nil) == isRead {
            if left == 0 { return index }
            left -= 1
        }
        return nil
    }
}
