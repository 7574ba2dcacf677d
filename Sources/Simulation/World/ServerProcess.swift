import DurableModel
import EngineCore
import Logging
import Reprise
import Runtime

/// One life of the server: from a start on what is on disk to its end.
final class ServerProcess {
    let life = Life()
    let past = PastInputs()
    let engine = InlineExecutor()
    let closures = InlineExecutor()
    let effects = InlineExecutor()
    let storage: SimulatedStorage
    let runtime: Runtime
    let door: FrontDoor
    var isReady: Bool { door.isReady }

    struct Settings {
        var limits: EngineLimits
        var batchRowsMax: Int
        var entropy: @Sendable () -> Entropy
    }

    init(
        _ services: (Life) -> [ErasedService], _ settings: Settings, storage: SimulatedStorage, clock: SimulatedClock,
        recorder: TraceRecorder
    ) {
        self.storage = storage
        let registry = Registry(services(life))
        storage.tables.prepare(registry.tables)
        runtime = Runtime(
            registry: registry, limits: settings.limits, batchRowsMax: settings.batchRowsMax,
            parts: Runtime.Parts(
                executor: engine, closures: closures, effects: effects, storage: storage, clock: clock,
                entropy: settings.entropy, logger: ServerProcess.silence,
                observer: ProcessObserver(recorder: recorder, life: life, past: past)))
        door = FrontDoor(catalog: registry.catalog, runtime: runtime, storage: storage)
        recorder.record(.booted(wallMs: clock.nowMs(), storage.disk))
        runtime.start(from: storage.recover()) { [door] in door.isReady = true }
    }

    private static let silence = Logger(label: "simulation") { _ in SwiftLogNoOpLogHandler() }

    /// The tasks of the process run to their end, unheard.
    func unwind(_ outside: Outside) {
        life.isAlive = false
        effects.forgetWork()
        runtime.abandon()
        outside.forgetCalls()
        while engine.hasWork || closures.hasWork {
            engine.run()
            closures.run()
        }
        effects.forgetWork()
        storage.forgetWork()
    }
}
