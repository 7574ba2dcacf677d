/// What a handler waits for: some journal entries, until a condition holds.
package struct Waiting: Hashable, Sendable {
    package enum Condition: UInt8, Sendable, CaseIterable {
        /// One of them has ended.
        case first
        /// All have succeeded, or one has failed.
        case all
        /// One has succeeded, or all have failed.
        case firstSuccess
        /// All have ended.
        case allSettled
    }

    package var condition: Condition
    package var entries: [Int]

    package init(_ condition: Condition, _ entries: [Int]) {
        self.condition = condition
        self.entries = entries
    }
}
