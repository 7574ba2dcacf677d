import DurableModel
import Foundation
public import Reprise
import Runtime

/// One operation of a handler as it stands in the journal.
public struct RecordedOperation: Sendable {
    /// What the handler asked for.
    public enum Kind: String, Sendable, CaseIterable {
        /// `run`.
        case step
        /// A step that is committed together with its result.
        case transaction
        /// `sleep` or `timer`.
        case wait
        case call
        case send
        case awakeable
        case completeAwakeable
        /// Begins to wait for a promise of the workflow.
        case promise
        case peekPromise
        case completePromise
        /// Begins to wait for another invocation.
        case attach
        case output
        case cancel
        case getState
        case stateNames
        case setState
        case clearState
        case clearAllState
        case now
        /// `patched`.
        case patch

        /// False for what is over at once and stays inside: clock, state, and the like.
        public var isEvent: Bool {
            switch self {
            case .step, .transaction, .wait, .call, .send, .awakeable, .completeAwakeable, .promise, .completePromise,
                .attach, .cancel:
                true
            case .peekPromise, .output, .getState, .stateNames, .setState, .clearState, .clearAllState, .now, .patch:
                false
            }
        }
    }

    /// How far it has come.
    public enum Status: String, Sendable {
        /// Has no result yet.
        case pending
        /// A step whose last execution has failed; it will be executed again.
        case retrying
        case succeeded
        /// With a `TerminalError`.
        case failed
    }

    /// Position in the journal, from 0.
    public let index: Int
    /// What the handler asked for.
    public let kind: Kind
    /// Of the step, the state, the promise or the change; the path of what is called or sent to; nil for others.
    public let name: String?
    /// How far it has come.
    public let status: Status
    /// Executions of a step so far; 1 for everything else.
    public let attempts: Int
    /// The length of a wait; nil for everything else.
    public let waitSeconds: Double?
    /// What was passed to a call, a send or a state; nil for everything else.
    public let input: [UInt8]?
    /// The result; nil while there is none. What gives nothing, or reads a state that is not set, gives empty bytes.
    public let result: OperationResult?
    /// Why the last execution of a step has failed; nil when none has.
    public let lastFailure: String?

    /// The result as a value.
    ///
    /// - Throws: the `TerminalError` that is the result; `MissingResult` while there is none; `DecodingError`.
    public func value<Value: Decodable>(as _: Value.Type = Value.self) throws -> Value {
        switch result {
        case .success(let bytes): try JSONDecoder().decode(Value.self, from: Data(bytes))
        case .failure(let error): throw error
        case nil: throw MissingResult(what: "operation \(index) (\(kind.rawValue) \(name ?? ""))")
        }
    }
}

/// Something has no result yet.
public struct MissingResult: Error, Hashable, Sendable, CustomStringConvertible {
    /// What has none.
    public let what: String

    public var description: String { "\(what) has no result yet" }
}

extension RecordedOperation {
    init(_ entry: JournalEntry, index: Int) {
        self.index = index
        (kind, name, input) = entry.command.words
        var attempts = 1
        var status: Status = .pending
        if case .failure = entry.completion?.result {
            status = .failed
        } else if entry.completion != nil {
            status = .succeeded
        }
        var lastFailure: String?
        if case .run(let run) = entry.detail {
            lastFailure = run.lastFailure
            if status == .pending, run.failedAttempts > 0 { status = .retrying }
            attempts = run.failedAttempts + (entry.isExhausted(run) || run.nextAttemptMs != nil ? 0 : 1)
        }
        self.attempts = attempts
        self.status = status
        self.lastFailure = lastFailure
        result = entry.completion?.result
        waitSeconds = if case .sleep(let ms) = entry.command { Double(ms) / 1_000 } else { nil }
    }
}

extension JournalEntry {
    /// The failures of the step, and not an error of its own, are its result.
    fileprivate func isExhausted(_ run: RunProgress) -> Bool {
        guard case .outcome(.failure(let failure)) = completion else { return false }
        return failure.message == run.lastFailure
    }
}

extension Command {
    fileprivate var words: (RecordedOperation.Kind, name: String?, input: [UInt8]?) {
        switch self {
        case .getState(let name): (.getState, name, nil)
        case .getStateNames: (.stateNames, nil, nil)
        case .setState(let name, let value): (.setState, name, value)
        case .clearState(let name): (.clearState, name, nil)
        case .clearAllState: (.clearAllState, nil, nil)
        case .run(let name, _): (.step, name, nil)
        case .transaction(let name, _): (.transaction, name, nil)
        case .call(let target, let input, _): (.call, target.path, input)
        case .send(let target, let input, _, _): (.send, target.path, input)
        case .sleep: (.wait, nil, nil)
        case .awakeable: (.awakeable, nil, nil)
        case .completeAwakeable(let id, _): (.completeAwakeable, id.text, nil)
        case .now: (.now, nil, nil)
        case .getPromise(let name): (.promise, name, nil)
        case .peekPromise(let name): (.peekPromise, name, nil)
        case .completePromise(let name, _): (.completePromise, name, nil)
        case .attach(let id): (.attach, id.text, nil)
        case .getOutput(let id): (.output, id.text, nil)
        case .cancel(let id): (.cancel, id.text, nil)
        case .patch(let id): (.patch, id, nil)
        }
    }
}

extension Completion {
    fileprivate var result: OperationResult {
        switch self {
        case .done, .elapsed: .success([])
        case .value(let bytes): .success(bytes ?? [])
        case .names(let names): .success(Array("[\(names.map { "\"\($0)\"" }.joined(separator: ","))]".utf8))
        case .time(let ms): .success(Array(String(ms).utf8))
        case .outcome(let outcome): OperationResult(outcome)
        case .outcomeSoFar(let outcome): outcome.map(OperationResult.init) ?? .success([])
        }
    }
}
