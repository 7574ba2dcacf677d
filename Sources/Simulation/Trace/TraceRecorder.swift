import DurableModel
import EngineCore
import Runtime

/// Writes down what happens.
///
/// `@unchecked Sendable`: a simulation has one thread, and everything in it happens there.
package final class TraceRecorder: @unchecked Sendable {
    package private(set) var events: Trace = []
    package private(set) var turns = 0
    package private(set) var invocations = 0
    /// Grows with everything that shows that the world has not come to a standstill.
    package private(set) var news = 0

    package init() {}

    package func record(_ event: TraceEvent) {
        events.append(event)
        switch event {
        case .decided(let step): count(step)
        // Whoever is told to come again has learned nothing.
        case .answered(_, let answer): news += answer.status == 470 || answer.headers["retry-after"] != nil ? 0 : 1
        case .closureEnded, .fault: news += 1
        default: break
        }
    }

    private func count(_ step: Decided) {
        turns += 1
        for mutation in step.turn.mutations {
            guard case .insertInvocation = mutation else { continue }
            invocations += 1
            news += 1
        }
    }

    /// Hands the trace over and forgets it.
    package func take() -> Trace {
        defer { events = [] }
        return events
    }
}

/// What one process shows of itself, as long as it lives.
struct ProcessObserver: RuntimeObserver {
    let recorder: TraceRecorder
    let life: Life
    let past: PastInputs

    func decided(_ turn: Turn, on input: Input?, atWallMs wallMs: Int64) {
        guard life.isAlive else { return }
        past.note(input, turn)
        recorder.record(.decided(Decided(input: input, turn: turn, wallMs: wallMs)))
    }

    func commitBegins(upTo turn: Int64) {
        if life.isAlive { recorder.record(.commitBegan(upTo: turn)) }
    }

    func performs(_ effect: PerformedEffect, of turn: Int64) {
        if life.isAlive { recorder.record(.performed(effect, turn: turn)) }
    }
}

/// Whether a process is alive. What a dead one still does is heard by nobody.
///
/// `@unchecked Sendable`: a simulation has one thread, and everything in it happens there.
final class Life: @unchecked Sendable {
    var isAlive = true
}
