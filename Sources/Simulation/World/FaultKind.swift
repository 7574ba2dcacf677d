/// What can go wrong. Each kind must occur in a run of many seeds, or the run proves less than it says.
package enum FaultKind: String, Sendable, CaseIterable {
    /// SIGKILL between two turns.
    case crash
    /// SIGKILL while a commit is under way, which is lost.
    case crashLosingCommit
    /// SIGKILL while a commit is under way, which has reached the disk.
    case crashKeepingCommit
    /// SIGKILL after a commit, before what it allows is done.
    case crashBeforeEffects
    /// Code of the process itself ends it, and leaves a mark that says so.
    case crashByTrap
    /// SIGKILL before the recovery is durable.
    case crashInRecovery
    /// An orderly stop, and a start.
    case restart
    case commitFails
    case diskBusy
    case diskFull
    case diskSlow
    case clockForward
    case clockBackward
    /// Handlers throw for a while.
    case handlersThrow
    /// A handler waits outside of its context.
    case handlerHangs
    case closuresFail
    /// A closure does not return for long.
    case closureHangs
    /// What the engine has been told it is told again: answers of loads, ends of steps and attempts, commits, timers.
    case duplicates
    case cancel
    case kill
    case pause
    case resume
    case purge
    case purgeJournal
    case restartAsNew
    /// A person does something to an invocation that is in no state for it.
    case missteer

    package var isCrash: Bool {
        switch self {
        case .crash, .crashLosingCommit, .crashKeepingCommit, .crashBeforeEffects, .crashByTrap, .crashInRecovery: true
        default: false
        }
    }

    /// Something that a person does to an invocation.
    package var isSteering: Bool {
        switch self {
        case .cancel, .kill, .pause, .resume, .purge, .purgeJournal, .restartAsNew, .missteer: true
        default: false
        }
    }
}

/// A fault and when it strikes: once so many invocations have been accepted.
package struct PlannedFault: Sendable, Equatable {
    package var kind: FaultKind
    package var afterInvocations: Int
    /// Decides whatever there is to decide about it.
    package var dice: UInt64

    package init(kind: FaultKind, afterInvocations: Int, dice: UInt64) {
        self.kind = kind
        self.afterInvocations = afterInvocations
        self.dice = dice
    }
}
