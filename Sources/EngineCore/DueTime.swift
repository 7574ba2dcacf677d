extension Int64 {
    /// The time `delayMs` after this one, at most the end of time: delays come from users, and a trap would take
    /// every invocation with it.
    func after(_ delayMs: Int64) -> Int64 {
        let (sum, overflows) = addingReportingOverflow(Swift.max(0, delayMs))
        return overflows ? .max : sum
    }
}
