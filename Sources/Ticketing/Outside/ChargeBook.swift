import Synchronization

/// What a simulated gateway remembers: which keys were charged or voided. In memory, and bounded.
final class ChargeBook: Sendable {
    /// The oldest keys are forgotten first.
    private static let maxKeys = 100_000

    private enum Mark { case charged, voided }

    private struct Pages {
        var marks: [String: Mark] = [:]
        var keys: [String] = []

        mutating func note(_ mark: Mark, _ key: String) {
            if marks.updateValue(mark, forKey: key) == nil { keys.append(key) }
            guard keys.count > ChargeBook.maxKeys else { return }
            // A tenth at once, so that forgetting costs nothing per charge.
            for key in keys.prefix(ChargeBook.maxKeys / 10) { marks[key] = nil }
            keys.removeFirst(ChargeBook.maxKeys / 10)
        }
    }

    private let pages = Mutex(Pages())

    /// False when the charge was voided already: a void can overtake the charge that it is meant for.
    func charge(_ key: String) -> Bool {
        pages.withLock { pages in
            if pages.marks[key] == .voided { return false }
            pages.note(.charged, key)
            return true
        }
    }

    /// Whether the key was known, charged or voided.
    func void(_ key: String) -> Bool {
        pages.withLock { pages in
            let wasKnown = pages.marks[key] != nil
            pages.note(.voided, key)
            return wasKnown
        }
    }
}
