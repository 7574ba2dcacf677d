/// A promise of one workflow: completed once, read by any handler of that workflow.
package struct DurablePromise: Hashable, Sendable {
    package var outcome: Outcome?
    /// Journal entries that wait for it; none once it is completed.
    package var waiters: [ParentLink]

    package init(outcome: Outcome? = nil, waiters: [ParentLink] = []) {
        self.outcome = outcome
        self.waiters = waiters
    }
}
