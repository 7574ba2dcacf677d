/// Defects that a test plants to see that the simulation finds them. They exist in debug builds only.
package enum PlantedBug: String, Sendable, CaseIterable {
    /// A journal comes from disk without its last entry.
    case shorterJournal
    /// An invocation leaves memory before its last change is durable: whoever looks it up finds an older one.
    case lookupMissesPendingBatch
    /// A read that is older than the last commit comes in as the truth.
    case staleLoad
    /// A start waits for the full length of every sleep again.
    case rearmedTimer
    /// The cap on results that nobody was promised takes promised ones too.
    case retentionForgetsPromise
    /// A start gives serials again that were in use.
    case serialReuse
    /// A step that waited for the disk is not taken up again.
    case lostWakeUp
    /// Effects are handed over when their commit begins.
    case earlyEffect
    /// A start forgets that an invocation which waits owns its lane.
    case twoOwners
    /// The failures of a step are forgotten when its invocation leaves memory.
    case resetRetryCounter
    /// A callee that is not in memory does not hear that its caller was cancelled or killed.
    case unheardCallee
}

extension EngineLimits {
    package func plants(_ bug: PlantedBug) -> Bool {
        #if DEBUG
            plantedBug == bug
        #else
            false
        #endif
    }
}

extension Engine {
    package func plants(_ bug: PlantedBug) -> Bool { limits.plants(bug) }
}
