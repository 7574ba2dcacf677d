import Collections
import EngineCore

/// What the engine of one process has been told lately and could be told once more by a messenger that repeats itself.
/// (Answers of loads and requests of callers are repeated elsewhere: by the disk and by the callers.)
///
/// `@unchecked Sendable`: a simulation has one thread, and everything in it happens there.
final class PastInputs: @unchecked Sendable {
    private var inputs: Deque<Input> = []
    private static let kept = 24

    var isEmpty: Bool { inputs.isEmpty }

    func note(_ input: Input?, _ turn: Turn) {
        for case .startRun(let run) in turn.externalEffects { forget(run) }
        switch input {
        case .attemptEnded, .runEnded, .timersDue, .durable: break
        default: return
        }
        if let input { inputs.append(input) }
        if inputs.count > Self.kept { inputs.removeFirst() }
    }

    /// The step is executed anew under the same number: from now on its end is news.
    private func forget(_ run: RunID) {
        inputs.removeAll { input in
            if case .runEnded(run, _) = input { true } else { false }
        }
    }

    func pick(_ number: Int) -> Input? { inputs.isEmpty ? nil : inputs[number % inputs.count] }
}
