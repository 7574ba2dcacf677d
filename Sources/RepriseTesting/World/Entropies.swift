import DurableModel
import Synchronization

/// Randomness for new invocations: the same in every run of a test.
final class Entropies: Sendable {
    fileprivate struct State {
        var counter: UInt64
        var next: Entropy?
    }

    private let state: Mutex<State>

    init(seed: UInt64) { state = Mutex(State(counter: seed)) }

    func draw() -> Entropy {
        state.withLock { state in Entropy(state.word(), state.word(), state.word()) }
    }

    /// What the runtime is to get when it asks next.
    func provide(_ entropy: Entropy) { state.withLock { $0.next = entropy } }

    func take() -> Entropy {
        state.withLock { $0.next.take() } ?? draw()
    }
}

extension Entropies.State {
    /// SplitMix64.
    fileprivate mutating func word() -> UInt64 {
        counter &+= 0x9E37_79B9_7F4A_7C15
        var z = counter
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
