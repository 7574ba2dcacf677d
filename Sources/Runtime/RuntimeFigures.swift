/// What the runtime has done and holds, at one moment.
package struct RuntimeFigures: Sendable, Equatable {
    package var turns: Int = 0
    package var commits: Int = 0
    package var committedTurns: Int = 0
    package var committedRows: Int = 0
    package var liveAttempts: Int = 0
    package var parkedAttempts: Int = 0
    /// Live attempts that have neither waited for anything nor returned for long.
    package var stuckAttempts: Int = 0
    package var busyLanes: Int = 0
    package var backlogTurns: Int = 0
    package var pausedInvocations: Int = 0
    package var residentInvocations: Int = 0
    package var pendingTimers: Int = 0
    package var closuresInFlight: Int = 0

    package init() {}
}
