import DurableModel
import MemoryStore
public import Reprise
import Runtime

/// One invocation as it is on disk.
public struct RecordedInvocation: Sendable {
    /// How far it has come.
    public enum Status: String, Sendable {
        /// Waits for the time at which it was sent to start.
        case scheduled
        /// Waits for its turn on its key.
        case pending
        case running
        /// Waits for its next attempt after a failure.
        case backingOff
        /// Waits, and is replayed when what it waits for is there.
        case suspended
        /// Waits for a person; `lastFailure` says why.
        case paused
        case succeeded
        /// With a `TerminalError`.
        case failed
    }

    /// The public id, `inv_1…`.
    public let id: String
    /// The handler that is executed.
    public let address: HandlerAddress
    /// How far it has come.
    public let status: Status
    /// As it was passed.
    public let input: [UInt8]
    /// nil while it has not ended.
    public let result: OperationResult?
    /// Attempts that have failed since the last progress.
    public let failedAttempts: Int
    /// Why the last of them did, or why it is paused; nil when nothing has failed.
    public let lastFailure: String?
    /// The whole journal, in the order in which the handler asked.
    public let journal: [RecordedOperation]

    /// The journal without what is over at once and stays inside (`RecordedOperation.Kind.isEvent`): steps, waits,
    /// calls, sends, awakeables, promises.
    public var operations: [RecordedOperation] { journal.filter(\.kind.isEvent) }

    /// Operations with this name, oldest first.
    public func operations(named name: String) -> [RecordedOperation] { journal.filter { $0.name == name } }

    /// The only operation with this name.
    ///
    /// - Throws: `UnexpectedOperations` when there is none, or several.
    public func operation(named name: String) throws -> RecordedOperation {
        let found = operations(named: name)
        guard let only = found.first, found.count == 1 else {
            throw UnexpectedOperations(name: name, count: found.count, table: table)
        }
        return only
    }

    /// Whether it has ended, well or not.
    public var hasEnded: Bool { result != nil }
}

/// There is not exactly one operation with a name.
public struct UnexpectedOperations: Error, Sendable, CustomStringConvertible {
    /// The name that was looked for.
    public let name: String
    /// How many have it.
    public let count: Int
    /// The operations that there are.
    public let table: String

    public var description: String { "there are \(count) operations named \"\(name)\" in\n\(table)" }
}

extension RecordedInvocation {
    init(_ record: InvocationRecord, _ journal: [JournalEntry]) {
        id = record.acceptance.id.text
        let target = record.acceptance.target
        address = HandlerAddress(service: target.service, key: target.key, handler: target.handler)
        input = record.acceptance.input
        result = record.progress.outcome.map(OperationResult.init)
        failedAttempts = record.progress.failedAttempts
        lastFailure = record.progress.lastFailure
        self.journal = journal.enumerated().map { RecordedOperation($1, index: $0) }
        status =
            switch record.progress.status {
            case .scheduled: .scheduled
            case .pending: .pending
            case .running: .running
            case .backingOff: .backingOff
            case .suspended: .suspended
            case .paused: .paused
            case .completed:
                if case .failure = record.progress.outcome { .failed } else { .succeeded }
            }
    }
}

extension DiskImage {
    /// In the order of acceptance.
    var recordedInvocations: [RecordedInvocation] {
        invocations.keys.sorted().compactMap(recordedInvocation)
    }

    func recordedInvocation(_ serial: InvocationSerial) -> RecordedInvocation? {
        invocations[serial].map { record in
            RecordedInvocation(record, record.progress.packedJournal ?? journalEntries(of: serial))
        }
    }
}
