package import DurableModel
package import EngineCore

/// Sees what the runtime does, in the order in which it does it. For the simulator, which judges it.
package protocol RuntimeObserver: Sendable {
    /// The engine took `input` (nil: what recovery found) and decided `turn`. Called on the engine's executor.
    func decided(_ turn: Turn, on input: Input?, atWallMs wallMs: Int64)
    /// The rows of every turn up to this one, as far as they are not on disk, go to the disk now.
    func commitBegins(upTo turn: Int64)
    /// Something is about to be done that the outside notices. Called on the queue of effects; for an answer that goes
    /// straight to its caller's place by the committer.
    func performs(_ effect: PerformedEffect, of turn: Int64)
}

/// An external effect as it is performed.
package enum PerformedEffect: Sendable, Equatable {
    case answer(ClientReply)
    case run(RunID)
    case start(AttemptID)
    case log(InvocationID, LoggedLine)
    case publish(Publication)
    case event(EngineEvent)
}

extension PreparedEffect {
    var performed: PerformedEffect {
        switch self {
        case .answer(let reply, _): .answer(reply)
        case .run(let run, _): .run(run)
        case .start(let start): .start(start.attempt)
        case .log(let id, let line): .log(id, line)
        case .publish(let publication): .publish(publication)
        case .event(let event): .event(event)
        }
    }
}
