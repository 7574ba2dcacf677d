package import DurableModel

/// Something that must hold of every trace. Judges while the trace is told again; keeps what it needs to remember.
package protocol Checker {
    /// What it promises, in a few words.
    static var promise: String { get }

    /// Called before the event counts.
    mutating func before(_ event: TraceEvent, _ history: History, _ complain: (String) -> Void)
    /// Called for each mutation of a turn before it counts, those of the same turn before it included.
    mutating func before(_ mutation: Mutation, of step: Decided, _ history: History, _ complain: (String) -> Void)
    /// Called when the event counts.
    mutating func after(_ event: TraceEvent, _ history: History, _ complain: (String) -> Void)
}

extension Checker {
    package mutating func before(_ event: TraceEvent, _ history: History, _ complain: (String) -> Void) {}
    package mutating func before(
        _ mutation: Mutation, of step: Decided, _ history: History, _ complain: (String) -> Void
    ) {}
    package mutating func after(_ event: TraceEvent, _ history: History, _ complain: (String) -> Void) {}
}

/// A promise that a trace breaks, and where.
package struct Violation: Sendable, Equatable {
    package var promise: String
    package var message: String
    /// Position in the trace.
    package var event: Int

    package init(promise: String, message: String, event: Int) {
        self.promise = promise
        self.message = message
        self.event = event
    }
}

/// Tells a trace to checkers.
package struct Judge {
    private var history: History
    private var checkers: [any Checker]
    private var violations: [Violation] = []
    /// More say nothing new.
    private static let violationsMax = 20

    package init(_ checkers: [any Checker], history: History) {
        self.checkers = checkers
        self.history = history
    }

    package static func violations(of trace: Trace, _ checkers: [any Checker], _ history: History) -> [Violation] {
        var judge = Judge(checkers, history: history)
        for (position, event) in trace.enumerated() where judge.violations.count < violationsMax {
            judge.take(event, position)
        }
        return judge.violations
    }

    private mutating func take(_ event: TraceEvent, _ position: Int) {
        let complaints = Complaints()
        let complain: (String) -> Void = { complaints.texts.append($0) }
        history.begin(event)
        for index in checkers.indices {
            checkers[index].before(event, history, complain)
            if !complaints.texts.isEmpty { file(complaints, of: index, position) }
        }
        if case .decided(let step) = event {
            for mutation in step.turn.mutations {
                for index in checkers.indices {
                    checkers[index].before(mutation, of: step, history, complain)
                    if !complaints.texts.isEmpty { file(complaints, of: index, position) }
                }
                history.apply(mutation)
            }
        }
        history.end(event)
        for index in checkers.indices {
            checkers[index].after(event, history, complain)
            if !complaints.texts.isEmpty { file(complaints, of: index, position) }
        }
    }

    private mutating func file(_ complaints: Complaints, of index: Int, _ position: Int) {
        let promise = type(of: checkers[index]).promise
        for text in complaints.texts { violations.append(Violation(promise: promise, message: text, event: position)) }
        complaints.texts = []
    }
}

private final class Complaints {
    var texts: [String] = []
}
