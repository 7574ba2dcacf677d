package import DurableModel
package import EngineCore
import Logging
package import Reprise
package import Runtime
import Synchronization

/// The fake world around the production runtime: one thread, a disk, a clock, and a seed that decides what happens
/// next. A crash loses everything that no finished commit has written.
package final class World {
    package private(set) var random: SeededRandom
    package private(set) var disk = DiskImage()
    package private(set) var runtime: Runtime
    package let clock: SimulatedClock
    package private(set) var crashes = 0
    package private(set) var commits = 0
    /// FNV-1a over what happened: the same seed must give the same digest.
    package private(set) var digest: UInt64 = 0xcbf2_9ce4_8422_2325

    private let services: [ErasedService]
    private let limits: EngineLimits
    private var executor: InlineExecutor
    private var storage: SimulatedStorage
    private let entropy: EntropySource

    package enum Fate: Sendable { case survives, crashesBefore, crashesAfter }

    package init(seed: UInt64, services: [ErasedService], limits: EngineLimits = EngineLimits()) {
        random = SeededRandom(seed: seed)
        self.services = services
        self.limits = limits
        clock = SimulatedClock(nowMs: 1_800_000_000_000)
        entropy = EntropySource(seed: seed ^ 0x5eed)
        executor = InlineExecutor()
        storage = SimulatedStorage(disk: disk)
        runtime = World.boot(services, limits, executor, storage, clock, entropy)
    }

    private static func boot(
        _ services: [ErasedService], _ limits: EngineLimits, _ executor: InlineExecutor, _ storage: SimulatedStorage,
        _ clock: SimulatedClock, _ entropy: EntropySource
    ) -> Runtime {
        let runtime = Runtime(
            registry: Registry(services), limits: limits,
            parts: Runtime.Parts(
                executor: executor, closures: executor, effects: executor, storage: storage, clock: clock,
                entropy: { entropy.next() }, logger: Logger(label: "simulation") { _ in SwiftLogNoOpLogHandler() }))
        runtime.start(from: storage.disk.recover()) {}
        return runtime
    }

    package func submit(_ command: ClientCommand, reply: @escaping @Sendable (ClientReply) -> Void) {
        runtime.submit(command, reply: reply)
    }

    /// One thing happens; false when nothing can but the passing of time. `fate` decides about each commit.
    package func advance(fate: (Int) -> Fate) -> Bool {
        var choices: [Int] = []
        if executor.hasWork { choices += [0, 0, 0] }
        if storage.hasCommit { choices.append(1) }
        if storage.loadCount > 0 { choices.append(2) }
        guard !choices.isEmpty else { return false }
        let choice = choices[random.below(choices.count)]
        note(UInt64(choice))
        switch choice {
        case 0: executor.run(itemsMax: 1 + random.below(8))
        case 1: finishCommit(fate(commits))
        default: storage.answerLoad(at: random.below(storage.loadCount))
        }
        return true
    }

    /// Time passes up to the next wake-up, or by a second when there is none; false when `boundMs` is reached.
    package func passTime() {
        let nowMs = clock.nowMs()
        let stepMs = max(1, (clock.nextWakeMs ?? nowMs + 1_000) - nowMs)
        note(UInt64(stepMs))
        clock.advance(byMs: stepMs)
    }

    private func finishCommit(_ fate: Fate) {
        commits += 1
        switch fate {
        case .survives:
            storage.writeCommit()?()
        case .crashesBefore:
            crash()
        case .crashesAfter:
            _ = storage.writeCommit()
            crash()
        }
    }

    /// SIGKILL, and a start on what is on disk.
    package func crash() {
        crashes += 1
        note(UInt64(crashes))
        disk = storage.disk
        unwind()
        clock.forgetWakes()
        executor = InlineExecutor()
        storage = SimulatedStorage(disk: disk)
        runtime = World.boot(services, limits, executor, storage, clock, entropy)
    }

    /// Lets the tasks of the dead process end, unheard: nothing that they do reaches the new one.
    private func unwind() {
        runtime.abandon()
        while executor.hasWork { executor.run() }
    }

    package func note(_ value: UInt64) {
        digest = (digest ^ value) &* 0x0000_0100_0000_01b3
    }

    package func draw(_ bound: Int) -> Int { random.below(bound) }

    package func currentDisk() -> DiskImage { storage.disk }
}

private final class EntropySource: Sendable {
    private let random: Mutex<SeededRandom>

    init(seed: UInt64) { random = Mutex(SeededRandom(seed: seed)) }

    func next() -> Entropy {
        random.withLock { Entropy($0.next(), $0.next(), $0.next()) }
    }
}
