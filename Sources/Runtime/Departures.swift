import DurableModel

/// Where a caller is answered. What is submitted there must not be done at once by whoever submits: that may be the
/// thread that commits.
package protocol ReplyPlace: AnyObject, WorkQueue {}

/// Who waits for a reply.
struct Caller: Sendable {
    /// nil: the queue of effects.
    var place: (any ReplyPlace)?
    let reply: ReplyCallback
}

/// The effects of a durable group, by where they go. Answers go straight to the places of their callers: a thread that
/// only passed them on would have to be woken for each commit. But none overtakes what its caller may look for once it
/// is answered: a line in the log, say.
struct Departures {
    struct Answer: Sendable {
        let reply: ReplyCallback
        let said: ClientReply
    }

    /// In the order of the turns.
    private(set) var queued: [OwedEffect] = []
    /// How many of those others can look for.
    private(set) var traces = 0
    private(set) var straight: [(place: any ReplyPlace, answers: [Answer])] = []

    /// - Parameter isClear: No effect of an earlier group that others can look for is still to be performed.
    init(_ effects: [OwedEffect], isClear: Bool, _ observer: (any RuntimeObserver)?) {
        for owed in effects {
            if isClear, traces == 0, case .answer(let said, let caller) = owed.effect, let place = caller.place {
                observer?.performs(owed.effect.performed, of: owed.turn)
                add(Answer(reply: caller.reply, said: said), at: place)
            } else {
                if owed.effect.leavesTrace { traces += 1 }
                queued.append(owed)
            }
        }
    }

    private mutating func add(_ answer: Answer, at place: any ReplyPlace) {
        for number in straight.indices where straight[number].place === place {
            return straight[number].answers.append(answer)
        }
        straight.append((place, [answer]))
    }
}

extension PreparedEffect {
    /// Whether somebody who has been answered can tell if it has been performed. When closures and attempts begin is
    /// open in any case.
    var leavesTrace: Bool {
        switch self {
        case .log, .publish, .event: true
        case .answer, .run, .start: false
        }
    }
}
