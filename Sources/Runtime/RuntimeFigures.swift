/// What the runtime has done and holds, at one moment.
package struct RuntimeFigures: Sendable, Equatable {
    package var turns: Int
    package var commits: Int
    package var committedTurns: Int
    package var committedRows: Int
    package var liveAttempts: Int
    package var parkedAttempts: Int
    /// Live attempts that have neither waited for anything nor returned for long.
    package var stuckAttempts: Int
    package var busyLanes: Int
    package var backlogTurns: Int
    package var pausedInvocations: Int
    package var residentInvocations: Int
    package var pendingTimers: Int
    package var closuresInFlight: Int
}
