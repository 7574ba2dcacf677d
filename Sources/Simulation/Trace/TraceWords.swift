import DurableModel
import EngineCore
import Runtime

/// A trace in words, for people.
package enum TraceWords {
    /// The events up to a position, those that lead to it last.
    package static func around(_ position: Int, of trace: Trace, before: Int = 40, after: Int = 3) -> [String] {
        let range = max(0, position - before)..<min(trace.count, position + after + 1)
        return range.map { "\($0 == position ? ">" : " ") \($0) \(text(trace[$0]))" }
    }

    package static func text(_ event: TraceEvent) -> String { PlainText.of(words(event)) }

    private static func words(_ event: TraceEvent) -> String {
        switch event {
        case .booted(let wallMs, let disk):
            "start at \(clock(wallMs)) with \(disk.invocations.count) invocations on disk"
        case .decided(let step): text(step)
        case .commitBegan(let turn): "turns up to \(turn) go to the disk"
        case .committed: "they are on disk"
        case .commitFailed: "the disk refuses them for now"
        case .transacted(let step): "step \(step.entry) of \(step.serial.rawValue) is on disk with rows \(step.rows)"
        case .performed(let effect, let turn): "turn \(turn) shows: \(text(effect))"
        case .closureBegan(let invocation, let step): "closure \"\(step)\" of \(invocation) begins"
        case .closureEnded(let invocation, let step, let result): "closure \"\(step)\" of \(invocation) gives \(result)"
        case .asked(let request, let path, _): "request \(request) has been sent: \(path)"
        case .answered(let request, let answer): "request \(request) is answered \(answer.status) \(answer.text)"
        case .hungUp(let request): "the caller of request \(request) hangs up"
        case .fault(let kind): "FAULT \(kind.rawValue)"
        case .repeated(let what): "once more: \(what)"
        case .crashed: "CRASH"
        case .stopped: "orderly stop"
        case .calm: "no faults from here on"
        case .ended(let ending): ending.isAtRest ? "everything is at rest" : "the world has not come to rest"
        }
    }

    private static func clock(_ ms: Int64) -> String { "+\(ms - 1_800_000_000_000) ms" }

    private static func text(_ step: Decided) -> String {
        var parts = ["turn \(step.turn.number) at \(clock(step.wallMs)): \(step.input.map(text) ?? "recovery")"]
        parts += step.turn.mutations.compactMap(text)
        parts += step.turn.internalEffects.map(text)
        parts += step.turn.externalEffects.map(text)
        parts += step.turn.loads.map { "loads \(text($0))" }
        parts += step.turn.events.map { "\($0)" }
        return parts.joined(separator: "; ")
    }

    static func text(_ input: Input) -> String {
        switch input {
        case .command(.invoke(let invoke), _, _):
            "caller invokes \(text(invoke.target))\(invoke.idempotencyKey.map { " as \($0)" } ?? "")"
        case .command(let command, _, _): "caller: \(command)"
        case .operation(let attempt, let operation): "\(text(attempt)) asks \(operation)"
        case .attemptEnded(let attempt, let result): "\(text(attempt)) ends: \(result)"
        case .runEnded(let run, let result): "step \(run.entry) of \(run.serial.rawValue) ended: \(result)"
        case .timersDue: "timers"
        case .durable(let turn): "turns up to \(turn) are durable"
        case .loaded(let key, _): "loaded \(text(key))"
        case .sweep: "sweep"
        case .stopping: "stopping"
        }
    }

    private static func text(_ mutation: Mutation) -> String? {
        switch mutation {
        case .insertInvocation(let serial, let record):
            "+\(serial.rawValue) \(text(record.acceptance.target)) \(record.progress.status.rawValue)"
        case .updateInvocation(let serial, let progress): "\(serial.rawValue) is \(progress.status.rawValue)"
        case .deleteInvocation(let serial): "-\(serial.rawValue)"
        case .insertEntry(let serial, let index, let entry):
            "\(serial.rawValue)[\(index)] = \(entry.command) \(entry.completion.map { "-> \($0)" } ?? "")"
        case .updateEntry(let serial, let index, let entry):
            "\(serial.rawValue)[\(index)] -> \(entry.completion.map { "\($0)" } ?? "\(entry.detail)")"
        case .putState(let object, let name, let value):
            "\(object.service)/\(object.key).\(name) = \(String(decoding: value, as: UTF8.self))"
        case .deleteState(let object, let name): "\(object.service)/\(object.key).\(name) cleared"
        case .putPromise(let object, let name, _): "promise \(object.key).\(name)"
        case .putTimer(let timer, let dueMs): "timer of \(timer.serial.rawValue) at \(clock(dueMs))"
        case .deleteTimer(let timer): "timer of \(timer.serial.rawValue) off"
        case .deleteEntry, .deletePromise, .putMeta: nil
        }
    }

    private static func text(_ effect: InternalEffect) -> String {
        switch effect {
        case .resume(let attempt, let reply): "\(text(attempt)) hears \(reply)"
        case .start(let start): "\(text(start.attempt)) starts"
        case .end(let attempt): "\(text(attempt)) is ended"
        case .refuse(_, let refusal): "refuses: \(refusal.message)"
        case .forgetRuns(let serial): "closures of \(serial.rawValue) are forgotten"
        }
    }

    private static func text(_ effect: ExternalEffect) -> String {
        switch effect {
        case .answer(_, let reply): "will answer \(reply)"
        case .startRun(let run): "will run step \(run.entry) of \(run.serial.rawValue), execution \(run.attempt)"
        case .start(let start): "will start \(text(start.attempt))"
        case .log(_, let line): "will log \(line.message)"
        case .publish(let publication): "will publish \(publication.topic)"
        }
    }

    private static func text(_ effect: PerformedEffect) -> String {
        switch effect {
        case .answer(let reply): "answer \(reply)"
        case .run(let run): "step \(run.entry) of \(run.serial.rawValue), execution \(run.attempt)"
        case .start(let attempt): "\(text(attempt)) starts"
        case .log(_, let line): "log \(line.message)"
        case .publish(let publication): "publish \(publication.topic)"
        case .event(let event): "\(event)"
        }
    }

    private static func text(_ key: LoadKey) -> String {
        switch key {
        case .invocationByID(let id): id.text
        case .invocation(let serial): "\(serial.rawValue)"
        case .object(let object): "\(object.service)/\(object.key)"
        case .expired: "what has expired"
        case .oldestUnpromised: "the oldest results"
        }
    }

    private static func text(_ attempt: AttemptID) -> String { "\(attempt.serial.rawValue)#\(attempt.epoch)" }

    private static func text(_ target: InvocationTarget) -> String {
        [target.service, target.key, target.handler].compactMap { $0 }.joined(separator: "/")
    }
}
