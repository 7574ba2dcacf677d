import Collections
import DurableModel
import EngineCore
import Logging
import MemoryStore
import Reprise
import Runtime
import SQLiteStore

/// One test's server: the production runtime on a disk in memory and a clock that it moves by itself.
///
/// `@unchecked Sendable`: every stored `var` is touched on `executor` only, which is serial; whoever comes from
/// outside submits to it.
final class TestWorld: @unchecked Sendable {
    let executor = TestExecutor()
    let clock: VirtualClock
    let entropies: Entropies
    let faults = FaultPlan()
    let watch: ReplayWatch
    let settings: Settings

    var disk: DiskImage
    /// nil before the first boot.
    private(set) var runtime: Runtime?
    private(set) var catalog: Catalog
    private var registry: Registry
    /// Counts the lives of the process; what an earlier one still does to the disk is void.
    private var life = 0
    /// What callers wait for, in the order in which they asked.
    var asks: OrderedDictionary<Int, Ask> = [:]
    var nextAsk = 0
    /// Asks that wait for everything else to rest; see `Settings.takesOneAtATime`.
    var inbox: Deque<Int> = []
    /// Who waits for rest.
    var sleepers: [Sleeper] = []
    var journey: Journey?
    /// Where the clock last went for the sake of a timer: timers up to there have been fired, or never will be.
    var lastDueMs = Int64.min
    private(set) var commits = 0
    /// Empty unless services have tables.
    let tables: MemoryTables

    struct Settings {
        var skipsTime: Bool
        var patience: Duration
        var limits: EngineLimits
        var crashes: CrashPlan?
        /// Callers are heard when nothing else is to be done: what happens is then the same in every run.
        var takesOneAtATime: Bool { crashes != nil }
    }

    /// - Parameter replayed: A disk to go on with, without executing any step.
    ///
    /// Throws when the tables of the services cannot be made.
    init(
        _ services: [ErasedService], nowMs: Int64, seed: UInt64, _ settings: Settings, _ replayed: DiskImage? = nil
    ) throws(StoreError) {
        self.settings = settings
        disk = replayed ?? DiskImage()
        tables = try MemoryTables()
        clock = VirtualClock(nowMs: nowMs)
        entropies = Entropies(seed: seed)
        watch = ReplayWatch()
        registry = Registry(services)
        catalog = registry.catalog
        try tables.prepare(registry.tables)
        if replayed != nil { faults.forbidAll() }
        executor.onRest { [weak self] in self?.rested() }
        executor.submit { [self] in boot() }
    }

    // MARK: The process

    private static let silence = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private func boot() {
        life += 1
        watch.processBegins(disk)
        let (entropies, faults) = (entropies, faults)
        var parts = Runtime.Parts(
            executor: executor, closures: executor, effects: executor, storage: LifeStorage(self, life: life),
            clock: clock, entropy: { entropies.take() }, logger: Self.silence, observer: watch)
        parts.wrapStep = { invocation, step, closure in faults.wrapped(closure, of: step, in: invocation.address) }
        let runtime = Runtime(
            registry: registry, limits: settings.limits, batchRowsMax: settings.crashes == nil ? 10_000 : 1,
            parts: parts)
        self.runtime = runtime
        var state = disk.recover()
        // A lost process is nobody's fault here: no invocation is under suspicion.
        state.meta[.isOpen] = 0
        runtime.start(from: state) {}
    }

    /// Throws when the tables of the other code cannot be made; then nothing has happened.
    func crash(replacing services: [ErasedService]) throws(StoreError) {
        let registry = Registry(services)
        try tables.prepare(registry.tables)
        self.registry = registry
        catalog = registry.catalog
        crash()
    }

    /// The process is gone at once, and the next one begins with what is on disk.
    func crash() {
        life += 1
        clock.forgetWakes()
        runtime?.abandon()
        executor.submit { [self] in
            boot()
            reconnect()
        }
    }

    /// Ends everything; callers that still wait are told so.
    func close() {
        executor.submit { [self] in
            life += 1
            runtime?.abandon()
            clock.forgetWakes()
            for ask in asks.values { ask.answer(.failure(TestStalled("the test runtime has been closed"))) }
            asks.removeAll()
            for sleeper in sleepers { sleeper.wake(.failure(TestStalled("the test runtime has been closed"))) }
            sleepers.removeAll()
            executor.onRest { [executor] in executor.stop() }
        }
    }

    // MARK: The disk

    fileprivate func commit(_ batch: Batch, ofLife life: Int, done: () -> Void) {
        guard life == self.life else { return }
        commits += 1
        let moment = settings.crashes?.moment(ofCommit: commits) { [disk] in batch.summary(before: disk) }
        if moment != .before { disk.apply(batch) }
        guard moment == nil else { return crash() }
        done()
    }

    fileprivate func transact(_ step: StoredStep, ofLife life: Int, done: (StepVerdict) -> Void) {
        guard life == self.life, let record = disk.invocations[step.serial],
            var entry = disk.journal[step.serial]?[step.entry], entry.completion == nil,
            case .transaction(let name, _) = entry.command
        else { return done(.unwanted) }
        if let reason = faults.takeReason(toFail: name, in: record.acceptance.target.service) {
            return done(.failed(reason))
        }
        commits += 1
        let moment = settings.crashes?.moment(ofCommit: commits) {
            "the result of entry \(step.entry) of \(record.acceptance.target.path) (\(entry.command.summary))"
        }
        if moment == .before { return crash() }
        let verdict = tables.execute(step)
        if case .committed(let bytes) = verdict {
            entry.completion = .outcome(.success(bytes))
            entry.completionRank = step.rank
            disk.apply(.updateEntry(step.serial, step.entry, entry))
        }
        guard moment == nil else { return crash() }
        done(verdict)
    }

    fileprivate func load(_ keys: [LoadKey], ofLife life: Int, done: ([LoadedValue]) -> Void) {
        if life == self.life { done(keys.map(disk.load)) }
    }

    // MARK: From outside

    /// Runs `look` on the executor.
    func look<Result: Sendable>(_ look: @escaping @Sendable (TestWorld) -> Result) async -> Result {
        await withCheckedContinuation { continuation in
            executor.submit { [self] in continuation.resume(returning: look(self)) }
        }
    }
}

/// The disk as one life of the process sees it.
private struct LifeStorage: TransactionalDriver {
    private weak let world: TestWorld?
    private let life: Int

    init(_ world: TestWorld, life: Int) {
        self.world = world
        self.life = life
    }

    func commit(_ batch: Batch, done: @escaping @Sendable () -> Void) { world?.commit(batch, ofLife: life, done: done) }

    func transact(_ step: StoredStep, done: @escaping @Sendable (StepVerdict) -> Void) {
        world?.transact(step, ofLife: life, done: done)
    }

    func load(_ keys: [LoadKey], done: @escaping @Sendable ([LoadedValue]) -> Void) {
        world?.load(keys, ofLife: life, done: done)
    }
}
