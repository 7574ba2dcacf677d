/// Every limit of the engine, with its default. Limits refuse at the HTTP door only; internal calls, sends and
/// timers are always accepted.
package struct EngineLimits: Sendable, Equatable {
    /// Turns that may be ahead of the disk before handler steps park.
    package var speculationTurnsMax = 20_000
    /// Bytes of mutations that may be ahead of the disk before handler steps park.
    package var speculationBytesMax = 8 << 20
    /// Above it the attempts that have waited longest are suspended, and callers are refused when all are at work.
    package var liveAttemptsMax = 10_000
    /// An attempt that waits longer leaves memory and is replayed when what it waits for arrives.
    package var inactivityMs: Int64 = 60_000
    /// An attempt that neither waits nor returns for so long is reported.
    package var stuckAfterMs: Int64 = 60_000
    package var laneDepthMax = 100_000
    package var journalEntriesMax = 1_000_000
    package var objectStateBytesMax = 16 << 20
    /// Journals up to this length are packed into the row of the completed invocation.
    package var packedJournalEntriesMax = 64
    /// Completed invocations kept beyond a promise, for inspection.
    package var retainedUnpromisedMax = 100_000
    /// So many more gather before they are deleted together: neighbours cost the disk less than one by one.
    package var retainedUnpromisedExcess: Int { min(sliceMax, retainedUnpromisedMax / 100) }
    /// Results under a promise (idempotency key, workflow run); at the limit new keyed requests are refused.
    package var retainedPromisedMax = 5_000_000
    /// Object states kept in memory while idle.
    package var idleObjectsMax = 50_000
    /// Invocations waiting in one lane whose bodies stay in memory.
    package var residentLaneDepthMax = 64
    /// Invocations that are being loaded before timers wake no more of them.
    package var wakingMax = 1_000
    /// Rows deleted, timers fired and invocations expired in one turn.
    package var sliceMax = 500
    /// Strikes that pause an invocation.
    package var strikesMax = 3
    /// Unclean stops within this time of each other make the engine resume interrupted invocations one by one.
    package var uncleanWindowMs: Int64 = 60_000
    /// How long the next interrupted invocation waits for one that neither ends nor comes to rest.
    package var probationMs: Int64 = 2_000

    #if DEBUG
        package var plantedBug: PlantedBug?
    #endif

    package init() {}
}
