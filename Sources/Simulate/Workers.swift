import Foundation
import Simulation
import Synchronization

/// Runs seeds on every core. A seed stays on one thread from its beginning to its end, so it runs as it would alone.
final class Workers: Sendable {
    private struct State {
        var next: UInt64
        var session = Session()
    }

    private let last: UInt64
    private let deadline: ContinuousClock.Instant?
    private let runsTwice: Bool
    private let state: Mutex<State>

    /// Takes seeds in their order until `last` has been taken, `deadline` has passed or something is wrong.
    init(from first: UInt64, through last: UInt64, until deadline: ContinuousClock.Instant? = nil, runsTwice: Bool) {
        self.last = last
        self.deadline = deadline
        self.runsTwice = runsTwice
        state = Mutex(State(next: first))
    }

    func run() -> Session {
        let ended = DispatchSemaphore(value: 0)
        let count = ProcessInfo.processInfo.activeProcessorCount
        for slot in 0..<count {
            let thread = Thread { [self] in
                work(slot)
                ended.signal()
            }
            thread.stackSize = 16 << 20
            thread.start()
        }
        for _ in 0..<count { ended.wait() }
        return state.withLock { $0.session }
    }

    private func work(_ slot: Int) {
        while let seed = takeSeed() {
            TrapNotice.begin(seed, slot)
            Report.say("seed \(seed)", inPlace: true)
            let run = SimulationRun(seed: seed)
            let differs = runsTwice && SimulationRun(seed: seed).digest != run.digest
            state.withLock { $0.session.add(run, differs: differs) }
        }
        TrapNotice.end(slot)
    }

    private func takeSeed() -> UInt64? {
        state.withLock { state in
            guard state.session.failure == nil, state.next <= last, state.next < .max else { return nil }
            if let deadline, ContinuousClock.now >= deadline { return nil }
            defer { state.next += 1 }
            return state.next
        }
    }
}
