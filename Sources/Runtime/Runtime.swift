package import DurableModel
package import EngineCore
package import Logging
package import Reprise
import Synchronization

/// Drives the engine: step, commit, then perform.
///
/// `@unchecked Sendable`: every stored `var` is touched on `executor` only, which is serial; each entry from outside
/// submits to it, and each entry of handler code checks that it is there.
package final class Runtime: @unchecked Sendable {
    package struct Parts: Sendable {
        package var executor: any EngineExecutor
        package var closures: any TaskExecutor
        /// Where external effects are handed to their owners after a commit.
        package var effects: any WorkQueue
        package var storage: any StorageDriver
        package var clock: any RuntimeClock
        /// Names new invocations; called from any thread.
        package var entropy: @Sendable () -> Entropy
        package var logger: Logger
        /// Takes what handlers publish, in the order of the turns; called on `effects`, so it must not block.
        package var publish: @Sendable (Publication) -> Void
        package var observer: (any RuntimeObserver)?
        /// Replaces the closure of a step by another one; nil leaves them alone. For tests that make steps fail.
        package var wrapStep: (@Sendable (InvocationInfo, String, @escaping RunClosure) -> RunClosure)?

        package init(
            executor: any EngineExecutor, closures: any TaskExecutor, effects: any WorkQueue,
            storage: any StorageDriver, clock: any RuntimeClock, entropy: @escaping @Sendable () -> Entropy,
            logger: Logger, observer: (any RuntimeObserver)? = nil,
            publish: @escaping @Sendable (Publication) -> Void = { _ in }
        ) {
            self.executor = executor
            self.closures = closures
            self.effects = effects
            self.storage = storage
            self.clock = clock
            self.entropy = entropy
            self.logger = logger
            self.observer = observer
            self.publish = publish
        }
    }

    let parts: Parts
    let registry: Registry
    private var engine: Engine

    var replies: [CallerToken: Caller] = [:]
    private var nextToken: UInt64 = 1
    private var parked: [AttemptID: UnsafeContinuation<OperationReply, Never>] = [:]
    /// Closures of live attempts, by invocation and journal entry.
    var closures: [InvocationSerial: [Int: StepWork]] = [:]
    /// The closure of an operation that has no journal entry yet.
    var unnamedClosures: [InvocationSerial: StepWork] = [:]
    var closuresInFlight = 0
    private var workers = AttemptWorkers()

    /// What was decided since the executor last had nothing to do.
    var gathering = CommitGroup()
    let commits: CommitQueue
    let effectsComeEarly: Bool
    /// Effects on their queue that somebody can look for who has been answered.
    let tracesOwed = Atomic<Int>(0)
    private var nextLoad = 0
    /// Loads whose answer has not come.
    private var openLoads: Set<Int> = []
    private var armedWakeMs: Int64?
    var isStopped = false
    var whenStopped: (@Sendable () -> Void)?
    private let executingSerial = Atomic<Int64>(0)
    var totals = Totals()

    struct Totals {
        var turns = 0
        var commits = 0
        var committedTurns = 0
        var committedRows = 0
    }

    package init(registry: Registry, limits: EngineLimits = EngineLimits(), batchRowsMax: Int = 10_000, parts: Parts) {
        self.registry = registry
        self.parts = parts
        commits = CommitQueue(rowsMax: batchRowsMax)
        engine = Engine(catalog: registry.catalog, limits: limits)
        effectsComeEarly = engine.plants(.earlyEffect)
    }

    deinit { workers.dismiss() }

    // MARK: From outside, on any thread

    /// Goes on from what the store recovered; calls `ready` when the recovery itself is durable.
    package func start(from state: RecoveredState, ready: @escaping @Sendable () -> Void) {
        parts.executor.onDrained { [weak self] in self?.flush() }
        parts.executor.submit { [self] in
            Failpoint.hit(.recovery)
            let token = takeToken(Caller(place: nil) { _ in ready() })
            let nowMs = parts.clock.nowMs()
            var turn = engine.recover(state, at: nowMs)
            parts.observer?.decided(turn, on: nil, atWallMs: nowMs)
            turn.externalEffects.append(.answer(token, .awakeableTaken))
            perform(turn)
            tick()
        }
    }

    /// Takes a command; `reply` is called once, after everything that it says is durable. A refusal that looked at
    /// nothing comes on the executor, anything else at `place`; neither may be blocked.
    package func submit(
        _ command: ClientCommand, at place: (any ReplyPlace)? = nil, reply: @escaping ReplyCallback
    ) {
        let entropy = parts.entropy()
        parts.executor.submit { [self] in
            guard !isStopped else { return reply(.refused(.stopping)) }
            step(.command(command, from: takeToken(Caller(place: place, reply: reply)), entropy: entropy))
        }
    }

    /// Stops in order: no further step is taken, what was decided is committed, then `done` is called. Invocations
    /// under way go on after the next start.
    package func stop(done: @escaping @Sendable () -> Void) {
        parts.executor.submit { [self] in
            guard !isStopped else { return done() }
            step(.stopping)
            endAttempts()
            whenStopped = done
            flush()
        }
    }

    /// The simulator's SIGKILL: nothing is committed any more, and attempts unwind unheard.
    package func abandon() {
        parts.executor.submit { [self] in
            endAttempts()
            gathering = CommitGroup()
            commits.close()
            // Whoever is remembered here remembers this runtime.
            replies.removeAll()
            closures.removeAll()
            unnamedClosures.removeAll()
        }
    }

    /// The simulator's unreliable messenger: the engine is told again what it has been told before.
    package func takeAgain(_ input: Input) {
        parts.executor.submit { [self] in step(input) }
    }

    private func endAttempts() {
        isStopped = true
        for continuation in parked.values { continuation.resume(returning: .ended) }
        parked.removeAll()
        workers.dismiss()
    }

    /// The invocation whose handler went on last. Callable on any thread, also when the executor is busy for ever.
    package var executing: InvocationSerial { InvocationSerial(executingSerial.load(ordering: .relaxed)) }

    func noteExecution(of serial: InvocationSerial) {
        executingSerial.store(serial.rawValue, ordering: .relaxed)
    }

    /// Calls `report` with the number of closures of `run` that are executing.
    package func countClosures(_ report: @escaping @Sendable (Int) -> Void) {
        parts.executor.submit { [self] in report(closuresInFlight) }
    }

    package func measure(_ report: @escaping @Sendable (RuntimeFigures) -> Void) {
        parts.executor.submit { [self] in
            report(figures)
        }
    }

    /// As `measure`, for callers on the executor.
    package var figures: RuntimeFigures {
        var figures = RuntimeFigures()
        figures.turns = totals.turns
        figures.commits = totals.commits
        figures.committedTurns = totals.committedTurns
        figures.committedRows = totals.committedRows
        figures.liveAttempts = engine.liveAttempts
        figures.parkedAttempts = engine.parkedAttempts
        figures.stuckAttempts = engine.stuckAttempts
        figures.busyLanes = engine.busyLanes
        figures.backlogTurns = Int(engine.backlogTurns)
        figures.pausedInvocations = engine.pausedInvocations
        figures.residentInvocations = engine.residentInvocations
        figures.pendingTimers = engine.pendingTimers
        figures.closuresInFlight = closuresInFlight
        return figures
    }

    // MARK: On the executor

    private func takeToken(_ caller: Caller) -> CallerToken {
        let token = CallerToken(nextToken)
        nextToken += 1
        replies[token] = caller
        return token
    }

    /// One step, with everything that belongs to it in one act: the turn joins the batch and waiters are woken by
    /// enqueueing. Returns the reply for `current` if the turn has it already.
    @discardableResult
    func step(_ input: Input, for current: AttemptID? = nil) -> OperationReply? {
        guard !isStopped else { return .ended }
        let nowMs = parts.clock.nowMs()
        let turn = engine.step(input, at: nowMs)
        parts.observer?.decided(turn, on: input, atWallMs: nowMs)
        let immediate = perform(turn, for: current)
        engine.takeBack(turn)
        return immediate
    }

    @discardableResult
    private func perform(_ turn: Turn, for current: AttemptID? = nil) -> OperationReply? {
        totals.turns += 1
        if turn.concernsDisk { gather(turn) }
        var immediate: OperationReply?
        for effect in turn.internalEffects {
            switch effect {
            case .resume(let id, let reply):
                if case .started(let entry) = reply { nameClosure(of: id.serial, entry) }
                if id == current { immediate = reply } else { parked.removeValue(forKey: id)?.resume(returning: reply) }
            case .end(let id) where id == current: immediate = .ended
            case .end(let id): parked.removeValue(forKey: id)?.resume(returning: .ended)
            case .start(let start): startAttempt(start)
            case .refuse(let token, let refusal): replies.removeValue(forKey: token)?.reply(.refused(refusal))
            case .forgetRuns(let serial):
                closures[serial] = nil
                unnamedClosures[serial] = nil
            }
        }
        if !turn.loads.isEmpty { load(turn.loads) }
        return immediate
    }

    private func load(_ keys: [LoadKey]) {
        let number = nextLoad
        nextLoad += 1
        openLoads.insert(number)
        parts.storage.load(keys) { [self] values in
            parts.executor.submit { [self] in
                // A second answer would pass for that of a later load, and bring back what has left memory since.
                guard openLoads.remove(number) != nil else { return }
                for (key, value) in zip(keys, values) { step(.loaded(key, value)) }
            }
        }
    }

    func armTimer() {
        guard let dueMs = engine.nextTimerMs, !isStopped, dueMs < armedWakeMs ?? .max else { return }
        armedWakeMs = dueMs
        parts.clock.schedule(atMs: dueMs) { [weak self] in
            guard let runtime = self else { return }
            runtime.parts.executor.submit { runtime.wake() }
        }
    }

    private func wake() {
        armedWakeMs = nil
        step(.timersDue)
    }

    private func tick() {
        guard !isStopped else { return }
        step(.sweep)
        step(.timersDue)
        parts.clock.schedule(atMs: parts.clock.nowMs() + 1_000) { [weak self] in
            guard let runtime = self else { return }
            runtime.parts.executor.submit { runtime.tick() }
        }
    }

    // MARK: Handlers

    /// One operation of a live attempt. Nil when it has to wait: the attempt parks then.
    func operate(_ id: AttemptID, _ operation: Operation) -> OperationReply? {
        precondition(parts.executor.isCurrent, "a context was used outside the handler it was given to")
        return step(.operation(id, operation), for: id)
    }

    func park(_ id: AttemptID, _ continuation: UnsafeContinuation<OperationReply, Never>) {
        guard !isStopped else { return continuation.resume(returning: .ended) }
        parked[id] = continuation
    }

    /// As `operate`, for a step: the work belongs to the journal entry that the operation makes or meets.
    func operate(_ id: AttemptID, _ operation: Operation, work: StepWork) -> OperationReply? {
        unnamedClosures[id.serial] = work
        return operate(id, operation)
    }

    private func nameClosure(of serial: InvocationSerial, _ entry: Int) {
        guard let closure = unnamedClosures.removeValue(forKey: serial) else { return }
        closures[serial, default: [:]][entry] = closure
    }

    /// One that had to wait for the disk: it may have been ended meanwhile.
    func startAttemptIfLive(_ start: AttemptStart) {
        if engine.isLive(start.attempt) { startAttempt(start) }
    }

    func startAttempt(_ start: AttemptStart) {
        // What an earlier attempt wanted to run, and never came to name, is not this one's.
        unnamedClosures[start.attempt.serial] = nil
        guard let handler = registry.handler(for: start.acceptance.target) else {
            let target = start.acceptance.target
            let reason = "this server has no handler \(target.handler) of a service \(target.service)"
            return parts.executor.submit { [self] in step(.attemptEnded(start.attempt, .impossible(reason))) }
        }
        let work = AttemptWorkers.Work(handler, start)
        guard !workers.take(work) else { return }
        Task(executorPreference: parts.executor) { [weak self] in
            var next: AttemptWorkers.Work? = work
            while let work = next {
                guard await self?.execute(work) == true else { return }
                next = await withUnsafeContinuation { worker in
                    if let self { self.workers.add(worker) } else { worker.resume(returning: nil) }
                }
            }
        }
    }

    /// Whether the task that has executed it should wait for more.
    private func execute(_ work: AttemptWorkers.Work) async -> Bool {
        let result = await AttemptOperations.execute(work.handler, work.start, in: self)
        step(.attemptEnded(work.start.attempt, result))
        return workers.wantsMore
    }

    func endRun(_ run: RunID, _ result: RunResult) {
        parts.executor.submit { [self] in
            closuresInFlight -= 1
            step(.runEnded(run, result))
        }
    }
}

extension Refusal {
    static let stopping = Refusal(
        status: 503, message: "the server is stopping; the request was not recorded", retryAfterSeconds: 1)
}
