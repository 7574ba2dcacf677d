import DurableModel
import EngineCore
import Logging
import Reprise
import Runtime
import Synchronization
import Testing

@testable import Simulation

private struct Crier: Service {
    static let echo = handler("echo") { (_: ServiceContext, text: String) -> String in text }
    static let cry = handler("cry") { (ctx: ServiceContext, text: String) -> String in
        try ctx.publish("cries", text)
        return text
    }

    static let handlers: Handlers = [echo, cry]
}

/// Where some callers wait for their answers.
private final class Desk: ReplyPlace {
    private let waiting = Mutex<[@Sendable () -> Void]>([])

    func submit(_ work: @escaping @Sendable () -> Void) { waiting.withLock { $0.append(work) } }

    /// What was submitted is done; returns how often something was.
    func serve() -> Int {
        let works = waiting.withLock { waiting in
            defer { waiting = [] }
            return waiting
        }
        for work in works { work() }
        return works.count
    }
}

/// A runtime that does one thing at a time, when the test says so.
private final class Town {
    let engine = InlineExecutor()
    let effects = InlineExecutor()
    let storage = SlowStorage()
    let runtime: Runtime
    let heard = Heard()

    init() throws {
        runtime = Runtime(
            registry: Registry(try ServiceRegistration([Crier()], keepsTables: true).services),
            parts: Runtime.Parts(
                executor: engine, closures: InlineExecutor(), effects: effects, storage: storage,
                clock: SimulatedClock(nowMs: 1_800_000_000_000), entropy: { [heard] in heard.entropy() },
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
                publish: { [heard] _ in heard.add("published") }))
        runtime.start(from: RecoveredState()) {}
        settle()
        effects.run()
    }

    final class Heard: Sendable {
        private let words = Mutex<[String]>([])
        private let names = Mutex<UInt64>(1)

        var all: [String] { words.withLock { $0 } }
        func add(_ word: String) { words.withLock { $0.append(word) } }

        func entropy() -> Entropy {
            names.withLock { name in
                name += 1
                return Entropy(name, 2, 3)
            }
        }
    }

    func call(_ handler: String, _ word: String, at desk: Desk?) {
        let target = InvocationTarget(service: "Crier", key: nil, handler: handler)
        let command = InvokeCommand(target: target, mode: .call, input: Array("\"\(word)\"".utf8))
        runtime.submit(.invoke(command), at: desk) { [heard] _ in heard.add(word) }
    }

    /// Everything is decided and written down; no effect on the queue is performed.
    func settle() {
        repeat { engine.run() } while storage.finishCommit()
    }
}

@Suite struct DepartureTests {
    @Test func answersGoStraightToTheirPlacesOncePerCommit() throws {
        let town = try Town()
        let (left, right) = (Desk(), Desk())
        for word in ["a", "b", "c"] { town.call("echo", word, at: left) }
        town.call("echo", "d", at: right)
        town.engine.run()
        #expect(left.serve() == 0 && right.serve() == 0, "nothing is on disk")
        town.settle()
        #expect(!town.effects.hasWork)
        #expect(town.heard.all == [], "whoever commits performs nothing")
        #expect(left.serve() == 1 && right.serve() == 1)
        #expect(town.heard.all == ["a", "b", "c", "d"])
    }

    @Test func whoHasNoPlaceIsAnsweredOnTheQueueOfEffects() throws {
        let town = try Town()
        town.call("echo", "a", at: nil)
        town.settle()
        #expect(town.heard.all == [])
        town.effects.run()
        #expect(town.heard.all == ["a"])
    }

    /// Who is answered finds published what was published before, by whomever.
    @Test func noAnswerOvertakesWhatItsCallerMayLookFor() throws {
        let town = try Town()
        let desk = Desk()
        town.call("echo", "before", at: desk)
        town.call("cry", "cry", at: desk)
        town.call("echo", "beside", at: desk)
        town.settle()
        town.call("echo", "after", at: desk)
        town.settle()
        #expect(desk.serve() == 1)
        #expect(town.heard.all == ["before"])
        town.effects.run()
        #expect(town.heard.all == ["before", "published", "cry", "beside", "after"])
        town.call("echo", "later", at: desk)
        town.settle()
        #expect(!town.effects.hasWork && desk.serve() == 1, "nothing is in its way any more")
        #expect(town.heard.all.last == "later")
    }
}
