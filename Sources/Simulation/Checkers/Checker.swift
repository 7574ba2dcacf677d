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
        history.begin(event)
        each(position) { $0.before(event, $1, $2) }
        if case .decided(let step) = event {
            for mutation in step.turn.mutations {
                each(position) { $0.before(mutation, of: step, $1, $2) }
                history.apply(mutation)
            }
        }
        history.end(event)
        each(position) { $0.after(event, $1, $2) }
    }

    private mutating func each(
        _ position: Int, _ ask: (inout any Checker, History, (String) -> Void) -> Void
    ) {
        for index in checkers.indices {
            let promise = type(of: checkers[index]).promise
            var complaints: [String] = []
            ask(&checkers[index], history) { complaints.append($0) }
            for complaint in complaints {
                violations.append(Violation(promise: promise, message: complaint, event: position))
            }
        }
    }
}
