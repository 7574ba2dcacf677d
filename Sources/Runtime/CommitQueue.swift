import DurableModel
import EngineCore
import Synchronization

/// Turns that are written down together, and what may happen once they are.
struct CommitGroup: Sendable {
    var batch = Batch()
    var effects: [OwedEffect] = []
    var lastTurn: Int64 = 0
    var turns = 0

    /// - Parameter prepare: nil for an effect that nobody waits for any more.
    mutating func take(_ turn: Turn, _ prepare: (ExternalEffect) -> PreparedEffect?) {
        for mutation in turn.mutations { batch.append(mutation) }
        for effect in turn.externalEffects {
            guard let prepared = prepare(effect) else { continue }
            effects.append(OwedEffect(turn: turn.number, effect: prepared))
        }
        for event in turn.events { effects.append(OwedEffect(turn: turn.number, effect: .event(event))) }
        lastTurn = turn.number
        turns += 1
    }

    /// What came after, into the same transaction.
    mutating func absorb(_ later: CommitGroup) {
        batch.append(contentsOf: later.batch)
        effects += later.effects
        lastTurn = later.lastTurn
        turns += later.turns
    }
}

/// What has been decided and is not being written down yet. The executor adds what it has decided when it has nothing
/// else to do; whoever commits takes the next group when a commit has ended, without asking the executor: its wake-up
/// and what it is busy with would stand between one commit and the next.
final class CommitQueue: Sendable {
    private struct State {
        var groups: [CommitGroup] = []
        var isCommitting = false
        var isClosed = false
    }

    private let state = Mutex(State())
    let rowsMax: Int

    /// - Parameter rowsMax: Groups are not put together beyond so many rows.
    init(rowsMax: Int) { self.rowsMax = rowsMax }

    func add(_ group: CommitGroup) {
        state.withLock { state in
            guard !state.isClosed else { return }
            let last = state.groups.count - 1
            if last >= 0, state.groups[last].batch.rowCount + group.batch.rowCount <= rowsMax {
                state.groups[last].absorb(group)
            } else {
                state.groups.append(group)
            }
        }
    }

    /// True for one caller, who commits until `next` is nil: there is something to commit, and nobody does.
    func begin() -> Bool {
        state.withLock { state in
            guard !state.isCommitting, !state.groups.isEmpty else { return false }
            state.isCommitting = true
            return true
        }
    }

    /// The oldest group, for the one who commits; nil ends its office.
    func next() -> CommitGroup? {
        state.withLock { state in
            state.isCommitting = !state.groups.isEmpty
            return state.groups.isEmpty ? nil : state.groups.removeFirst()
        }
    }

    var isIdle: Bool { state.withLock { !$0.isCommitting && $0.groups.isEmpty } }

    /// Forgets what waits, and whatever comes.
    func close() {
        state.withLock { state in
            state.groups.removeAll()
            state.isClosed = true
        }
    }
}
