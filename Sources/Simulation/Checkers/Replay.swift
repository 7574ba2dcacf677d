import DurableModel
import EngineCore

/// A replay is told exactly what the first execution was told. What was told on the strength of turns that a crash has
/// taken away counts as never told.
package struct Replay: Checker {
    package static let promise = "a replay sees what the first execution saw"

    /// Where in a handler: after so many journaled commands, the so manieth question since.
    private struct Place: Hashable {
        let serial: InvocationSerial
        let position: Int
        let question: Int
    }

    private struct Sight {
        let operation: Operation
        let reply: OperationReply
    }

    private struct Cursor {
        var position = 0
        var question = 0
        var asked: (place: Place, operation: Operation)?
    }

    private var seen: [Place: Sight] = [:]
    private var cursors: [AttemptID: Cursor] = [:]
    /// What was seen in turns that are not durable yet.
    private var fresh: [(turn: Int64, place: Place)] = []

    package init() {}

    package mutating func before(_ event: TraceEvent, _ history: History, _ complain: (String) -> Void) {
        switch event {
        case .decided(let step):
            if case .operation(let attempt, let operation) = step.input { ask(operation, attempt) }
            for effect in step.turn.internalEffects {
                switch effect {
                case .resume(let attempt, let reply): hear(reply, attempt, step.turn.number, complain)
                case .end(let attempt): cursors[attempt] = nil
                case .start, .forgetRuns, .refuse: break
                }
            }
            for case .paused(let id, let reason) in step.turn.events where reason.contains("570") {
                complain("\(id.text): \(reason)")
            }
        case .crashed, .stopped:
            for sight in fresh where sight.turn > history.durableTurn { seen[sight.place] = nil }
            fresh = []
            cursors = [:]
        default: break
        }
    }

    package mutating func after(_ event: TraceEvent, _ history: History, _ complain: (String) -> Void) {
        guard case .committed = event else { return }
        fresh.removeAll { $0.turn <= history.durableTurn }
    }

    private mutating func ask(_ operation: Operation, _ attempt: AttemptID) {
        var cursor = cursors[attempt] ?? Cursor()
        switch operation {
        case .log, .publish: return
        case .await, .select: cursor.question += 1
        default:
            cursor.position += 1
            cursor.question = 0
        }
        let place = Place(serial: attempt.serial, position: cursor.position, question: cursor.question)
        cursor.asked = (place, operation)
        cursors[attempt] = cursor
    }

    private mutating func hear(
        _ reply: OperationReply, _ attempt: AttemptID, _ turn: Int64, _ complain: (String) -> Void
    ) {
        guard reply != .ended, let asked = cursors[attempt]?.asked else { return }
        cursors[attempt]?.asked = nil
        guard let first = seen[asked.place] else {
            seen[asked.place] = Sight(operation: asked.operation, reply: reply)
            return fresh.append((turn, asked.place))
        }
        guard first.operation != asked.operation || first.reply != reply else { return }
        complain(
            "\(attempt.serial.rawValue) at command \(asked.place.position): first \(first.operation) got "
                + "\(first.reply), in attempt \(attempt.epoch) \(asked.operation) gets \(reply)")
    }
}
