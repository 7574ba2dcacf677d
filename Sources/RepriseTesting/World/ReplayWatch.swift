import DurableModel
import EngineCore
import MemoryStore
import Reprise
import Runtime
import Synchronization

/// Compares what handlers pass to their operations when they are replayed with what the journal has. The engine itself
/// compares kinds, names and targets; a payload that differs changes nothing for it, but it was computed from something
/// that is in no journal.
final class ReplayWatch: RuntimeObserver {
    fileprivate struct State {
        var journals: [InvocationSerial: Journal] = [:]
        var differences: [ReplayDifference] = []
        var lines: [String] = []
        var published: [PublishedEvent] = []
    }

    fileprivate struct Journal {
        var target = InvocationTarget(service: "", handler: "")
        var commands: [Command] = []
        /// Of the live attempt.
        var epoch: Int64 = 0
        var cursor = 0

        /// An attempt is at work: another one than before is at the beginning.
        mutating func note(_ attempt: AttemptID) {
            guard epoch != attempt.epoch else { return }
            epoch = attempt.epoch
            cursor = 0
        }

        mutating func append(_ command: Command) {
            commands.append(command)
            cursor = commands.count
        }
    }

    private let state = Mutex(State())

    var differences: [ReplayDifference] { state.withLock(\.differences) }
    /// What handlers have published.
    var published: [PublishedEvent] { state.withLock(\.published) }
    /// What handlers have logged.
    var lines: [String] { state.withLock(\.lines) }

    func processBegins(_ disk: DiskImage) {
        state.withLock { state in
            state.journals.removeAll()
            for (serial, record) in disk.invocations where record.progress.status != .completed {
                state.journals[serial] = Journal(
                    target: record.acceptance.target, commands: disk.journalEntries(of: serial).map(\.command))
            }
        }
    }

    func decided(_ turn: Turn, on input: Input?, atWallMs wallMs: Int64) {
        state.withLock { state in
            if case .operation(let attempt, _)? = input { state.journals[attempt.serial]?.note(attempt) }
            var appended: Set<InvocationSerial> = []
            for mutation in turn.mutations {
                switch mutation {
                case .insertInvocation(let serial, let record):
                    state.journals[serial] = Journal(target: record.acceptance.target)
                case .insertEntry(let serial, _, let entry):
                    state.journals[serial]?.append(entry.command)
                    appended.insert(serial)
                case .updateInvocation(let serial, let progress) where progress.status == .completed:
                    state.journals[serial] = nil
                default: break
                }
            }
            if case .operation(let attempt, let operation)? = input, !appended.contains(attempt.serial) {
                state.compare(operation, attempt)
            }
        }
    }

    func commitBegins(upTo turn: Int64) {}

    func performs(_ effect: PerformedEffect, of turn: Int64) {
        switch effect {
        case .log(_, let line): state.withLock { $0.lines.append(line.message) }
        case .publish(let publication):
            guard let topic = Topic(publication.topic) else { return }
            state.withLock { $0.published.append(PublishedEvent(topic: topic, data: publication.data)) }
        case .answer, .run, .start, .event: break
        }
    }
}

extension ReplayWatch.State {
    fileprivate mutating func compare(_ operation: Operation, _ attempt: AttemptID) {
        guard var journal = journals[attempt.serial], let asked = operation.command else { return }
        defer { journals[attempt.serial] = journal }
        guard journal.commands.indices.contains(journal.cursor) else { return }
        let recorded = journal.commands[journal.cursor]
        // Another operation altogether is the engine's business.
        guard asked.summary == recorded.summary else { return }
        if let difference = recorded.difference(from: asked) {
            differences.append(
                ReplayDifference(
                    handler: journal.target.path, index: journal.cursor,
                    reason: "\(recorded.summary): \(difference)"))
        }
        journal.cursor += 1
    }
}

/// A handler that is not deterministic: a replay has passed something else to an operation than the first execution.
public struct ReplayDifference: Error, Hashable, Sendable, CustomStringConvertible {
    /// Such as `Service/key/handler`.
    public let handler: String
    /// Position in the journal.
    public let index: Int
    /// The operation, and both sides.
    public let reason: String

    public var description: String {
        "\(handler) is not deterministic: at journal entry \(index), \(reason). What a handler passes on must come "
            + "from its input, its context and the results of its operations"
    }
}

extension Command {
    /// What was passed the first time and what is passed now, nil when it is the same. A wait until some time has
    /// another length each time.
    fileprivate func difference(from asked: Command) -> String? {
        switch (self, asked) {
        case (.setState(_, let old), .setState(_, let new)): words(old, new)
        case (.call(_, let old, let oldKey), .call(_, let new, let newKey)):
            words(old, new) ?? words(oldKey ?? "", newKey ?? "", "the idempotency key ")
        case (.send(_, let old, let oldDelay, let oldKey), .send(_, let new, let newDelay, let newKey)):
            words(old, new) ?? words(oldKey ?? "", newKey ?? "", "the idempotency key ")
                ?? words("\(oldDelay ?? 0)", "\(newDelay ?? 0)", "a delay in ms of ")
        case (.completePromise(_, let old), .completePromise(_, let new)),
            (.completeAwakeable(_, let old), .completeAwakeable(_, let new)):
            words(OperationResult(old).words, OperationResult(new).words)
        default: nil
        }
    }

    private func words(_ old: Bytes, _ new: Bytes) -> String? {
        words(String(decoding: old, as: UTF8.self), String(decoding: new, as: UTF8.self))
    }

    private func words(_ old: String, _ new: String, _ what: String = "") -> String? {
        old == new ? nil : "the journal has \(what)'\(old)', the handler passed '\(new)'"
    }
}
