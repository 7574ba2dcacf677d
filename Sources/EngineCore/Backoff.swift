import DurableModel

extension RetryPolicy {
    /// What follows the `failures`-th failure at `nowMs`, the first of them at `firstFailureMs`: the time of the next
    /// attempt, or nil when the policy is exhausted. `jitter` is a random word; it adds up to 30 %.
    func nextAttemptMs(failures: Int, firstFailureMs: Int64, nowMs: Int64, jitter: UInt64) -> Int64? {
        if let maxAttempts, failures >= maxAttempts { return nil }
        if let maxDurationMs, nowMs - firstFailureMs >= maxDurationMs { return nil }
        var delayMs = Double(initialDelayMs)
        for _ in 1..<max(failures, 1) where delayMs < Double(maxDelayMs) { delayMs *= factor }
        let cappedMs = min(delayMs, Double(maxDelayMs))
        let jitterMs = cappedMs * 0.3 * Double(jitter >> 11) / Double(1 << 53)
        // A factor may be anything, not a number included: that counts as the longest delay.
        return nowMs.after(Int64(exactly: (cappedMs + jitterMs).rounded(.down)) ?? maxDelayMs)
    }
}

/// One output of SplitMix64 (Steele, Lea, Flood 2014): mixes a stored seed with a position.
func mixed(_ seed: UInt64, _ position: UInt64) -> UInt64 {
    var z = seed &+ (position &+ 1) &* 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
}
