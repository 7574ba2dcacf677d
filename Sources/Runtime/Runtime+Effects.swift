import DurableModel
import EngineCore
import Logging
import Reprise

// What happens outside once a commit is through.
extension Runtime {
    /// Hands the effects of a durable group to their owners and returns; none is performed by the committer. There is
    /// one who hands over at a time.
    func handOver(_ effects: [OwedEffect]) {
        guard !effects.isEmpty else { return }
        let departures = Departures(effects, isClear: tracesOwed.load(ordering: .acquiring) == 0, parts.observer)
        for (place, answers) in departures.straight {
            place.submit {
                for answer in answers {
                    Failpoint.hit(.beforeEffect)
                    answer.reply(answer.said)
                }
            }
        }
        guard !departures.queued.isEmpty else { return }
        tracesOwed.add(departures.traces, ordering: .relaxed)
        parts.effects.submit { [self, queued = departures.queued] in
            for owed in queued {
                Failpoint.hit(.beforeEffect)
                parts.observer?.performs(owed.effect.performed, of: owed.turn)
                perform(owed.effect)
                if owed.effect.leavesTrace { tracesOwed.subtract(1, ordering: .releasing) }
            }
        }
    }

    private func perform(_ effect: PreparedEffect) {
        switch effect {
        case .answer(let reply, let caller): caller.reply(reply)
        case .run(let run, .closure(let closure)): execute(closure, as: run)
        case .run(let run, .transaction(let step)): execute(step, as: run)
        case .start(let start): parts.executor.submit { [self] in startAttemptIfLive(start) }
        case .log(let id, let line): log(line, of: id)
        case .publish(let publication): parts.publish(publication)
        case .event(let event): log(event)
        }
    }

    private func execute(_ closure: @escaping RunClosure, as run: RunID) {
        Task(executorPreference: parts.closures) { [self] in
            do {
                endRun(
                    run, .success(try await RunAttempt.$number.withValue(run.attempt) { try await closure() }))
            } catch let error as TerminalError {
                endRun(run, .terminal(TerminalFailure(error)))
            } catch {
                endRun(run, .failed(String(describing: error)))
            }
        }
    }

    private func log(_ line: LoggedLine, of id: InvocationID) {
        let level = Logger.Level(rawValue: line.level) ?? .info
        parts.logger.log(level: level, "\(line.message)", metadata: ["invocation": "\(id.text)"])
    }

    private func log(_ event: EngineEvent) {
        switch event {
        case .paused(let id, let reason):
            parts.logger.error("paused: \(reason)", metadata: ["invocation": "\(id.text)"])
        case .attemptFailed(let id, let reason, let retryInMs):
            parts.logger.warning(
                "attempt failed, next in \(retryInMs) ms: \(reason)", metadata: ["invocation": "\(id.text)"])
        case .runFailed(let id, let step, let reason, let retryInMs):
            parts.logger.warning(
                "step \"\(step)\" failed, next in \(retryInMs) ms: \(reason)",
                metadata: ["invocation": "\(id.text)"])
        case .unreadable(let serial, let reason):
            parts.logger.error("stored invocation \(serial.rawValue) cannot be read and stays as it is: \(reason)")
        case .stuck(let id, let target, let forMs):
            parts.logger.warning(
                """
                \(target.service)/\(target.handler) has neither waited for anything nor returned for \
                \(forMs / 1_000) s: does it wait for something outside of its context?
                """,
                metadata: ["invocation": "\(id.text)"])
        case .resumedAlone(let id, let strikes):
            parts.logger.warning(
                "resumed after unclean stops, strike \(strikes)", metadata: ["invocation": "\(id.text)"])
        }
    }
}
