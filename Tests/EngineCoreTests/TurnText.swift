import DurableModel
import EngineCore

/// Turns as text, so that a test reads as a transcript. `#3` is the invocation with serial 3, `#3/0` the first entry
/// of its journal, `#3.7` its attempt with epoch 7, `c1` the caller with token 1.
struct TurnText {
    /// Public ids as serials; an id that no invocation ever had is `#?`.
    var serials: [InvocationID: InvocationSerial] = [:]

    func now(_ turn: Turn) -> [String] { turn.internalEffects.map(text) }
    func later(_ turn: Turn) -> [String] { turn.externalEffects.map(text) }
    func events(_ turn: Turn) -> [String] { turn.events.map(text) }
    func loads(_ turn: Turn) -> [String] { turn.loads.map(text) }

    /// Without the clock, which every turn with mutations carries.
    func rows(_ turn: Turn) -> [String] {
        turn.mutations.filter { $0.key != .meta(.clockMs) }.map(text)
    }

    func text(_ effect: InternalEffect) -> String {
        switch effect {
        case .resume(let id, let reply): "resume \(text(id)) \(text(reply))"
        case .start(let start): "start \(text(start.attempt))"
        case .end(let id): "end \(text(id))"
        case .refuse(let caller, let refusal): "answer c\(caller.rawValue) refused \(refusal.status)"
        case .forgetRuns(let serial): "forget runs \(text(serial))"
        }
    }

    func text(_ effect: ExternalEffect) -> String {
        switch effect {
        case .answer(let caller, let reply): "answer c\(caller.rawValue) \(text(reply))"
        case .startRun(let run): "run \(text(run.serial))/\(run.entry) try \(run.attempt)"
        case .start(let start): "start \(text(start.attempt))"
        case .log(let id, let line): "log \(text(id)) \(line.level) \(line.message)"
        case .publish(let publication): "publish \(publication.topic)"
        }
    }

    func text(_ event: EngineEvent) -> String {
        switch event {
        case .paused(let id, let reason): "paused \(text(id)): \(reason)"
        case .attemptFailed(let id, let reason, _): "attempt failed \(text(id)): \(reason)"
        case .runFailed(let id, let step, let reason, _): "run failed \(text(id)) \(step): \(reason)"
        case .resumedAlone(let id, let strikes): "resumed alone \(text(id)) strikes \(strikes)"
        case .unreadable(let serial, let reason): "unreadable \(text(serial)): \(reason)"
        case .stuck(let id, let target, let forMs): "stuck \(text(id)) \(target.handler) for \(forMs)"
        }
    }

    func text(_ key: LoadKey) -> String {
        switch key {
        case .invocationByID(let id): "load by id \(text(id))"
        case .invocation(let serial): "load \(text(serial))"
        case .object(let object): "load \(object.service)/\(object.key)"
        case .expired: "load expired"
        case .oldestUnpromised(let limit): "load \(limit) oldest unpromised"
        }
    }

    func text(_ mutation: Mutation) -> String {
        switch mutation {
        case .insertInvocation(let serial, let record): "new \(text(serial)) \(record.progress.status)"
        case .updateInvocation(let serial, let progress): "\(text(serial)) \(progress.status)"
        case .deleteInvocation(let serial): "delete \(text(serial))"
        case .insertEntry(let serial, let index, let entry): "new \(text(serial))/\(index) \(text(entry))"
        case .updateEntry(let serial, let index, let entry): "\(text(serial))/\(index) \(text(entry))"
        case .deleteEntry(let serial, let index): "delete \(text(serial))/\(index)"
        case .putState(let object, let name, let value): "state \(object.key).\(name) = \(value.text)"
        case .deleteState(let object, let name): "state \(object.key).\(name) unset"
        case .putPromise(let object, let name, let promise):
            "promise \(object.key).\(name) \(promise.outcome.map(text) ?? "open") waiters \(promise.waiters.count)"
        case .deletePromise(let object, let name): "promise \(object.key).\(name) gone"
        case .putTimer(let timer, let dueMs): "timer \(text(timer)) at \(dueMs)"
        case .deleteTimer(let timer): "timer \(text(timer)) gone"
        case .putMeta(let key, let value): "\(key.rawValue) = \(value)"
        }
    }

    func text(_ entry: JournalEntry) -> String {
        let kind =
            switch entry.command {
            case .getState(let name): "get \(name)"
            case .getStateNames: "names"
            case .setState(let name, let value): "set \(name) \(value.text)"
            case .clearState(let name): "clear \(name)"
            case .clearAllState: "clear all"
            case .run(let name, _): "run \(name)"
            case .transaction(let name, _): "transaction \(name)"
            case .call(let target, _, _): "call \(target.handler)"
            case .send(let target, _, _, _): "send \(target.handler)"
            case .sleep(let durationMs): "sleep \(durationMs)"
            case .awakeable: "awakeable"
            case .completeAwakeable: "complete awakeable"
            case .now: "now"
            case .getPromise(let name): "promise \(name)"
            case .peekPromise(let name): "peek \(name)"
            case .completePromise(let name, _): "complete promise \(name)"
            case .attach(let id): "attach \(text(id))"
            case .getOutput(let id): "output \(text(id))"
            case .cancel(let id): "cancel \(text(id))"
            case .patch(let id): "patch \(id)"
            }
        guard let completion = entry.completion else { return kind }
        return "\(kind): \(text(completion))"
    }

    func text(_ completion: Completion) -> String {
        switch completion {
        case .done: "done"
        case .value(let bytes): bytes?.text ?? "nil"
        case .names(let names): names.joined(separator: ",")
        case .time(let ms): "\(ms)"
        case .outcome(let outcome): text(outcome)
        case .outcomeSoFar(let outcome): outcome.map(text) ?? "nil"
        case .elapsed: "elapsed"
        }
    }

    func text(_ reply: OperationReply) -> String {
        switch reply {
        case .done: "done"
        case .value(let bytes): bytes?.text ?? "nil"
        case .names(let names): names.joined(separator: ",")
        case .time(let ms): "\(ms)"
        case .started(let entry): "started /\(entry)"
        case .call(let entry, let id): "called \(text(id)) /\(entry)"
        case .sent(let id): "sent \(text(id))"
        case .awakeable(let entry, _): "awakeable /\(entry)"
        case .outcome(let outcome): text(outcome)
        case .outcomeSoFar(let outcome): outcome.map(text) ?? "nil"
        case .settled(let entry): "settled by \(entry.map { "/\($0)" } ?? "nothing")"
        case .flag(let flag): "\(flag)"
        case .ended: "ended"
        }
    }

    func text(_ reply: ClientReply) -> String {
        switch reply {
        case .result(let id, let outcome, nil): "\(text(id)) \(text(outcome))"
        case .result(let id, let outcome, _?): "\(text(id)) stored \(text(outcome))"
        case .accepted(let id, let executionTimeMs, let isNew):
            "\(isNew ? "accepted" : "known") \(text(id))" + (executionTimeMs.map { " at \($0)" } ?? "")
        case .notCompleted(let id): "\(text(id)) not completed"
        case .unknown: "unknown"
        case .awakeableTaken: "taken"
        case .steered(let result): text(result)
        case .refused(let refusal): "refused \(refusal.status)"
        }
    }

    func text(_ result: SteeringResult) -> String {
        switch result {
        case .done: "done"
        case .requested: "requested"
        case .restarted(let id): "restarted \(text(id))"
        case .unknown: "unknown"
        case .conflict(let why): "conflict: \(why)"
        case .tooEarly(let why): "too early: \(why)"
        case .unsupported(let why): "unsupported: \(why)"
        case .gone(let why): "gone: \(why)"
        case .invalid(let why): "invalid: \(why)"
        }
    }

    func text(_ outcome: Outcome) -> String {
        switch outcome {
        case .success(let bytes): "ok \(bytes.text)"
        case .failure(let failure): "failure \(failure.code) \(failure.message)"
        }
    }

    func text(_ timer: TimerID) -> String {
        switch timer.slot {
        case .start: "\(text(timer.serial)) start"
        case .retry: "\(text(timer.serial)) retry"
        case .cancel: "\(text(timer.serial)) cancel"
        case .kill: "\(text(timer.serial)) kill"
        case .entry(let index): "\(text(timer.serial))/\(index)"
        }
    }

    func text(_ serial: InvocationSerial) -> String { "#\(serial.rawValue)" }
    func text(_ id: AttemptID) -> String { "#\(id.serial.rawValue).\(id.epoch)" }
    func text(_ id: InvocationID) -> String { serials[id].map(text) ?? "#?" }
}
