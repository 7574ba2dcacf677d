import Synchronization

/// Takes the first of several answers.
final class FirstAnswer<Answer: Sendable>: Sendable {
    private let isGiven = Atomic<Bool>(false)
    private let take: @Sendable (Answer) -> Void

    init(_ take: @escaping @Sendable (Answer) -> Void) { self.take = take }

    func give(_ answer: Answer) {
        if !isGiven.exchange(true, ordering: .relaxed) { take(answer) }
    }
}
