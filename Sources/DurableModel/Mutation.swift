/// The identity of one stored row.
package enum RowKey: Hashable, Sendable {
    case invocation(InvocationSerial)
    case entry(InvocationSerial, Int)
    case state(ObjectID, ExactText)
    case promise(ObjectID, ExactText)
    case timer(TimerID)
    case meta(MetaKey)

    /// By hand, because a commit asks for thousands: a multiplication for what a number names.
    package func _rawHashValue(seed: Int) -> Int {
        switch self {
        case .invocation(let serial): serial._rawHashValue(seed: seed)
        case .entry(let serial, let index): QuickHash.of(Int(serial.rawValue) &* 31 &+ index, ~seed)
        case .state(let object, let name), .promise(let object, let name):
            object._rawHashValue(seed: name._rawHashValue(seed: seed))
        case .timer(let timer): timer._rawHashValue(seed: seed)
        case .meta(let key): key._rawHashValue(seed: seed)
        }
    }
}

/// A durable timer belongs to an invocation; `slot` says what it wakes.
package struct TimerID: Hashable, Sendable {
    package var serial: InvocationSerial
    package var slot: TimerSlot

    package init(serial: InvocationSerial, slot: TimerSlot) {
        self.serial = serial
        self.slot = slot
    }
}

package enum TimerSlot: Hashable, Sendable {
    /// The invocation's scheduled start.
    case start
    /// The invocation's next attempt.
    case retry
    /// Due at once: the invocation is to be cancelled because of what happened to another, and was not in memory then.
    case cancel
    /// The same, to be killed.
    case kill
    /// The sleep or the run retry of one journal entry.
    case entry(Int)
}

package enum MetaKey: String, Sendable, CaseIterable {
    /// The time of the last turn.
    case clockMs
    /// Serials below this one may have been used.
    case serialCeiling
    /// 1 while a server is or was at work, 0 after an orderly stop.
    case isOpen
    /// Unclean stops, each within a minute of the one before.
    case recentUncleanStops
    /// When the last start was that found an unclean stop.
    case lastUncleanStartMs
}

/// One change of one row. `insert` promises that the row is not on disk, which lets a batch forget a row that
/// began and ended inside it.
package enum Mutation: Equatable, Sendable {
    indirect case insertInvocation(InvocationSerial, InvocationRecord)
    /// Rewrites the changing part of a row that exists on disk or earlier in the batch.
    indirect case updateInvocation(InvocationSerial, Progress)
    case deleteInvocation(InvocationSerial)
    indirect case insertEntry(InvocationSerial, Int, JournalEntry)
    /// Writes `completion` and `detail`; the command never changes.
    indirect case updateEntry(InvocationSerial, Int, JournalEntry)
    case deleteEntry(InvocationSerial, Int)
    case putState(ObjectID, name: String, value: Bytes)
    case deleteState(ObjectID, name: String)
    indirect case putPromise(ObjectID, name: String, DurablePromise)
    case deletePromise(ObjectID, name: String)
    case putTimer(TimerID, dueMs: Int64)
    case deleteTimer(TimerID)
    case putMeta(MetaKey, Int64)

    package var key: RowKey {
        switch self {
        case .insertInvocation(let serial, _), .updateInvocation(let serial, _), .deleteInvocation(let serial):
            .invocation(serial)
        case .insertEntry(let serial, let index, _), .updateEntry(let serial, let index, _),
            .deleteEntry(let serial, let index):
            .entry(serial, index)
        case .putState(let object, let name, _), .deleteState(let object, let name): .state(object, ExactText(name))
        case .putPromise(let object, let name, _), .deletePromise(let object, let name):
            .promise(object, ExactText(name))
        case .putTimer(let timer, _), .deleteTimer(let timer): .timer(timer)
        case .putMeta(let key, _): .meta(key)
        }
    }
}
