import Collections
package import DurableModel

/// Decides. A deterministic, synchronous state machine: `step` takes one input at one time and returns a `Turn`.
///
/// Memory is the truth and the disk a prefix of it. An entity leaves memory only when the last turn that changed it
/// is durable; a step that needs an absent one returns the load and nothing else, and its input is taken again when
/// the answer comes.
package struct Engine: ~Copyable {
    let catalog: Catalog
    let limits: EngineLimits

    // What is in memory.
    var invocations: [InvocationSerial: Resident] = [:]
    var serialByID: [InvocationID: InvocationSerial] = [:]
    /// Ids whose deletion is not durable yet, with the turn of the deletion: absent, whatever the disk says.
    var deleted: [InvocationID: Int64] = [:]
    var objects: [ObjectID: ResidentObject] = [:]
    var lanes: [ObjectID: Lane] = [:]
    var timers = TimerQueue()
    var callers: [InvocationSerial: Callers] = [:]

    // What waits.
    var loading: [LoadKey: PendingLoad] = [:]
    /// Those that name what may be deleted, and may be loading.
    var listsAsked: [LoadKey] = []
    /// Ids that a load of this very step found absent; another step may create them.
    var absentNow: Set<InvocationID> = []
    /// Serials never come back.
    var absentSerials: Set<InvocationSerial> = []
    /// Inputs that wait for their second entity or a later one: until they are through nothing they have seen is
    /// forgotten, or two entities could take turns in being absent for ever.
    var waitingAgain = 0
    var backlogged: Deque<FollowUp> = []
    var followUps: Deque<FollowUp> = []
    var interrupted: Deque<InvocationSerial> = []
    var probation: Probation?
    var resumesAlone = false
    /// The last stop was unclean: whoever was executing then is under suspicion.
    var strikesCount = false
    var endedByTrap = false
    var firstSerialOfThisStart: Int64 = 1
    var startedAtMs: Int64 = 0

    // Entities that may leave memory, in the order of the turns that settled them.
    var settledInvocations: Deque<Settled<InvocationSerial>> = []
    var settledObjects: Deque<Settled<ObjectID>> = []
    var settledDeletions: Deque<Settled<(serial: InvocationSerial, id: InvocationID)>> = []

    // Counters.
    var clockMs: Int64 = 0
    /// What the disk has, or will have when the turns before this one are there.
    var writtenClockMs: Int64?
    var nextSerial: Int64 = 1
    var serialCeiling: Int64 = 1
    var nextLaneOrder: Int64 = 1
    var nextEpoch: Int64 = 1
    var turnNumber: Int64 = 0
    var durableTurn: Int64 = 0
    var uncommittedBytes = 0
    var uncommittedSizes: Deque<Settled<Int>> = []
    var retainedUnpromised = 0
    var retainedPromised = 0
    /// Invocations with an attempt under way.
    var live: [InvocationSerial: Resident] = [:]
    /// As many live attempts as make a search for some to suspend worthwhile.
    var crowdedAt: Int
    package internal(set) var parkedAttempts = 0
    package internal(set) var stuckAttempts = 0
    package internal(set) var pausedInvocations = 0

    // The turn being decided.
    var turn = Turn(number: 0)
    var touched: OrderedSet<InvocationSerial> = []

    struct Settled<Value> {
        let turn: Int64
        let value: Value
    }

    struct PendingLoad {
        var inputs: [FollowUp] = []
        /// Something that the read may have seen changed and left memory since: read again.
        var isStale = false
    }

    /// Who waits for the result of one invocation: usually one, for whom no array is needed.
    struct Callers {
        let first: CallerToken
        var others: [CallerToken] = []
    }

    struct Probation {
        let serial: InvocationSerial
        let sinceMs: Int64
    }

    package init(catalog: Catalog, limits: EngineLimits = EngineLimits()) {
        self.catalog = catalog
        self.limits = limits
        crowdedAt = limits.liveAttemptsMax
    }

    /// Whether what this attempt does still counts.
    package func isLive(_ attempt: AttemptID) -> Bool { live[attempt.serial]?.attemptID == attempt }

    package var liveAttempts: Int { live.count }

    /// nil as well while what is due has to wait: a step that comes first makes room for it.
    package var nextTimerMs: Int64? {
        guard let next = timers.next, next.dueMs > clockMs || mayFire(next, waking: 0) else { return nil }
        return next.dueMs
    }
    package var busyLanes: Int { lanes.count }
    package var residentInvocations: Int { invocations.count }
    package var pendingTimers: Int { timers.count }
    /// Turns ahead of the disk.
    package var backlogTurns: Int64 { turnNumber - durableTurn }

    /// Takes one input at `wallMs` of the wall clock.
    package mutating func step(_ input: Input, at wallMs: Int64) -> Turn {
        beginTurn(at: wallMs)
        do throws(Wait) {
            try take(input)
        } catch {
            park(.input(input), on: error)
        }
        drainFollowUps()
        return endTurn()
    }

    mutating func beginTurn(at wallMs: Int64) {
        turnNumber += 1
        clockMs = max(clockMs, wallMs)
        turn.number = turnNumber
    }

    mutating func drainFollowUps() {
        while let next = followUps.popFirst() {
            do throws(Wait) {
                try take(next)
            } catch {
                park(next, on: error)
            }
        }
    }

    mutating func endTurn() -> Turn {
        for serial in touched { recordProgress(of: serial) }
        touched.removeAll(keepingCapacity: true)
        absentNow.removeAll()
        if waitingAgain == 0 { absentSerials.removeAll() }
        if !turn.mutations.isEmpty {
            if clockMs != writtenClockMs {
                writtenClockMs = clockMs
                turn.mutations.append(.putMeta(.clockMs, clockMs))
            }
            accountForBacklog()
        }
        var decided = Turn(number: turnNumber)
        swap(&decided, &turn)
        return decided
    }

    /// A turn that is done with: the next one is decided in its memory.
    package mutating func takeBack(_ done: consuming Turn) {
        done.clear()
        turn = done
    }

    private mutating func take(_ followUp: FollowUp) throws(Wait) {
        switch followUp {
        case .input(let input): try take(input)
        case .admit(let serial): try admit(serial)
        case .resumeInterrupted(let serial): try resumeInterrupted(serial)
        case .timer(let id, let dueMs): try fire(id, dueMs: dueMs)
        case .purge(let serial): try purge(serial)
        case .cancel(let serial): pass(.cancel, to: serial)
        case .kill(let serial): pass(.kill, to: serial)
        case .lookForDeadlock(let serial): try breakDeadlock(of: serial)
        case .again(let followUp): try take(followUp)
        }
    }

    private mutating func take(_ input: Input) throws(Wait) {
        switch input {
        case .command(let command, let caller, let entropy):
            try take(command, from: caller, entropy: entropy)
        case .operation(let attempt, let operation): try operate(attempt, operation)
        case .attemptEnded(let attempt, let result): try endAttempt(attempt, result)
        case .runEnded(let run, let result): try endRun(run, result)
        case .timersDue: fireDueTimers()
        case .durable(let turn): becomeDurable(upTo: turn)
        case .loaded(let key, let value): take(value, for: key)
        case .sweep: sweep()
        case .stopping: stop()
        }
    }
}

/// Inputs of the engine to itself, taken within the same step.
enum FollowUp: Sendable {
    case input(Input)
    /// The invocation owns its lane now.
    case admit(InvocationSerial)
    case resumeInterrupted(InvocationSerial)
    case timer(TimerID, dueMs: Int64)
    case purge(InvocationSerial)
    /// What happens to an invocation because of what happened to another.
    case cancel(InvocationSerial)
    case kill(InvocationSerial)
    /// The invocation has begun to wait for calls.
    case lookForDeadlock(InvocationSerial)
    /// One that has waited for a load before.
    indirect case again(FollowUp)
}

/// Why an input cannot be taken yet. Thrown before anything is decided.
enum Wait: Error {
    case load(LoadKey)
    case backlog
}
