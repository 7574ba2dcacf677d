import DurableModel
import EngineCore

/// What an attempt does after its end counts for nothing.
package struct StaleAttempts: Checker {
    package static let promise = "a stale attempt changes nothing"

    /// The attempt that counts, of each invocation that has had one in this process.
    private var latest: [InvocationSerial: AttemptID] = [:]
    private var over: Set<AttemptID> = []

    package init() {}

    package mutating func before(_ event: TraceEvent, _ history: History, _ complain: (String) -> Void) {
        switch event {
        case .booted:
            latest = [:]
            over = []
        case .decided(let step):
            switch step.input {
            case .operation(let attempt, let operation): judge(attempt, "asks \(operation)", step.turn, complain)
            case .attemptEnded(let attempt, let result): judge(attempt, "ends: \(result)", step.turn, complain)
            default: break
            }
            note(step.turn)
        default: break
        }
    }

    private func judge(
        _ attempt: AttemptID, _ what: @autoclosure () -> String, _ turn: Turn, _ complain: (String) -> Void
    ) {
        let isStale = over.contains(attempt) || latest[attempt.serial].map { $0 != attempt } ?? true
        guard isStale, !turn.mutations.isEmpty || !turn.externalEffects.isEmpty else { return }
        complain("\(attempt.serial.rawValue) in attempt \(attempt.epoch), which is over, \(what()), and that counts")
    }

    private mutating func note(_ turn: Turn) {
        for effect in turn.internalEffects {
            switch effect {
            case .start(let start): latest[start.attempt.serial] = start.attempt
            case .end(let attempt): over.insert(attempt)
            case .resume, .forgetRuns, .refuse: break
            }
        }
        // An end that waits for a load is none yet.
        for case .updateInvocation(let serial, let progress) in turn.mutations where progress.status != .running {
            if let attempt = latest[serial] { over.insert(attempt) }
        }
        for case .start(let start) in turn.externalEffects { latest[start.attempt.serial] = start.attempt }
    }
}
