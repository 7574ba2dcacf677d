extension Judge {
    /// Every promise, in the order of the files.
    package static func everything() -> [any Checker] {
        [
            AcknowledgedWrites(), Answers(), CallTrees(), DiskFidelity(), EverythingEnds(), HeardAsSaid(),
            IdempotencyWindow(), Identities(), Lanes(), OrdersAddUp(), OutputCommit(), ReadsSeeWrites(), Replay(),
            ResultsOnce(), Retention(), RetryCounters(), RightCaller(), RowsOnce(), SeatHolds(), SpeculationBound(),
            StaleAttempts(), Statuses(), Timers(),
        ]
    }
}
