package import DurableModel

// What a start on an existing data directory does, and how a handler that kills the process is found out.
extension Engine {
    /// The first step of an engine that goes on from a recovered state.
    package mutating func recover(_ state: RecoveredState, at wallMs: Int64) -> Turn {
        clockMs = state.meta[.clockMs] ?? 0
        beginTurn(at: wallMs)
        nextSerial = state.meta[.serialCeiling] ?? 1
        serialCeiling = nextSerial
        firstSerialOfThisStart = nextSerial
        startedAtMs = clockMs
        timers = TimerQueue(state.timers)
        retainedUnpromised = state.retainedUnpromised
        retainedPromised = state.retainedPromised
        let wasUnclean = state.meta[.isOpen] == 1
        countUncleanStop(wasUnclean, state.meta)
        turn.mutations.append(.putMeta(.isOpen, 1))
        rebuildLanes(from: state.live)
        for invocation in state.live {
            switch invocation.status {
            case .running: interrupted.append(invocation.serial)
            case .suspended, .backingOff, .pending, .scheduled, .completed: break
            case .paused: pausedInvocations += 1
            }
        }
        if wasUnclean { orderByStrikes(state.live) }
        strikesCount = wasUnclean
        endedByTrap = state.endedByTrap
        resumeInterruptedOnes()
        drainFollowUps()
        return endTurn()
    }

    private mutating func countUncleanStop(_ wasUnclean: Bool, _ meta: [MetaKey: Int64]) {
        guard wasUnclean else { return turn.mutations.append(.putMeta(.recentUncleanStops, 0)) }
        let isRecent = clockMs - (meta[.lastUncleanStartMs] ?? 0) <= limits.uncleanWindowMs
        let stops = isRecent ? (meta[.recentUncleanStops] ?? 0) + 1 : 1
        resumesAlone = stops >= 2
        turn.mutations.append(.putMeta(.recentUncleanStops, stops))
        turn.mutations.append(.putMeta(.lastUncleanStartMs, clockMs))
    }

    /// `live` comes in lane order: the owner first, then those behind.
    private mutating func rebuildLanes(from live: [RecoveredInvocation]) {
        for invocation in live {
            if let order = invocation.laneOrder { nextLaneOrder = max(nextLaneOrder, order + 1) }
            guard let laneID = invocation.lane else { continue }
            let ownsLane = lane(laneID).enter(invocation.serial)
            if ownsLane, invocation.status == .pending { followUps.append(.admit(invocation.serial)) }
        }
    }

    /// Those without a strike go first: the likely culprit must not hold up the innocent.
    private mutating func orderByStrikes(_ live: [RecoveredInvocation]) {
        let strikes = Dictionary(live.map { ($0.serial, $0.strikes) }, uniquingKeysWith: { first, _ in first })
        interrupted.sort { (strikes[$0] ?? 0, $0.rawValue) < (strikes[$1] ?? 0, $1.rawValue) }
    }

    mutating func resumeInterruptedOnes() {
        guard probation == nil else { return }
        if resumesAlone {
            guard let next = interrupted.popFirst() else { return }
            probation = Probation(serial: next, sinceMs: clockMs)
            followUps.append(.resumeInterrupted(next))
        } else {
            while let next = interrupted.popFirst() { followUps.append(.resumeInterrupted(next)) }
        }
    }

    mutating func resumeInterrupted(_ serial: InvocationSerial) throws(Wait) {
        guard let invocation = try find(serial), invocation.progress.status == .running, invocation.attempt == nil
        else { return endProbation(of: serial) }
        if strikesCount { startSuspect(invocation) } else { launch(invocation, onceDurable: false) }
    }

    /// After an unclean stop, whoever existed then and starts now: its attempt may have begun before, and ended the
    /// process before anything of that was on disk.
    func isSuspect(_ invocation: Resident) -> Bool {
        strikesCount && invocation.serial.rawValue < firstSerialOfThisStart
            && clockMs - startedAtMs <= limits.uncleanWindowMs
    }

    mutating func startSuspect(_ invocation: Resident) {
        invocation.progress.strikes += 1
        let strikes = invocation.progress.strikes
        guard strikes < limits.strikesMax else {
            return pause(
                invocation,
                reason: "the server stopped uncleanly \(strikes) times while this invocation was at its last "
                    + "journaled position; it is not resumed by itself")
        }
        if strikes > 1 { turn.events.append(.resumedAlone(invocation.id, strikes: strikes)) }
        launch(invocation, onceDurable: true)
    }

    /// The invocation went on beyond what it had journaled, or rests: the unclean stop was not its doing.
    mutating func comesToRest(_ invocation: Resident) {
        if invocation.progress.strikes > 0 {
            invocation.progress.strikes = 0
            touch(invocation)
        }
        endProbation(of: invocation.serial)
    }

    mutating func endProbation(of serial: InvocationSerial) {
        guard let current = probation, current.serial == serial else { return }
        probation = nil
        resumeInterruptedOnes()
    }

    /// Whoever neither ends nor rests must not hold up the others for ever.
    mutating func loseProbationPatience() {
        guard let current = probation, clockMs - current.sinceMs >= limits.probationMs else { return }
        probation = nil
        resumeInterruptedOnes()
    }
}
