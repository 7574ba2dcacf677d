import DurableModel
import EngineCore
public import Reprise

/// Services in process, on the production engine, a disk in memory and a clock that costs nothing: fifteen minutes
/// pass in a millisecond.
///
///     let runtime = try TestRuntime([Greeter(salutation: "Hello")])
///     let text = try await runtime.client.object(Greeter.self, key: "en").call(Greeter.greet, "Ada")
///
/// Handlers and the closures of their steps are executed on one thread: what blocks it (a lock, a synchronous request)
/// blocks everything. Code behind steps may `await` whatever it likes; while it does, time stands still. The same test
/// does the same each time as long as it asks for one thing at a time and its steps are deterministic.
///
/// Attempts that wait are ended whenever time passes, and replayed when it goes on. So every wait is also a test
/// of whether the handler is deterministic; see `differences`.
public final class TestRuntime: Sendable {
    /// How time passes.
    public enum TimeFlow: Sendable {
        /// While somebody waits for an answer and nothing else can go on, the clock jumps to the next timer.
        case automatic
        /// Only in `advance`.
        case manual
    }

    let world: TestWorld
    let routes: RouteTable
    let services: [ErasedService]

    /// - Parameters:
    ///   - services: As they would be served.
    ///   - routes: For `request`.
    ///   - start: What the clock reads at first. The default is the beginning of 2026, UTC.
    ///   - seed: Where the randomness of handlers comes from.
    ///   - patience: How long nothing may happen while somebody waits, in real time; six times that is the longest that
    ///     anybody waits.
    ///   - crashes: What a `CrashSearch` gives to its scenario.
    /// - Throws: `RegistrationError`; `UnusableTables`.
    public init(
        _ services: [any ServiceDefinition], routes: [Route] = [], time: TimeFlow = .automatic,
        startingAt start: Timestamp = Timestamp(milliseconds: 1_767_225_600_000), seed: UInt64 = 0,
        patience: Duration = .seconds(10), crashes: CrashPlan? = nil
    ) throws {
        let registered = try ServiceRegistration(services, keepsTables: true).services
        self.services = registered
        self.routes = try RouteTable(routes, services: registered)
        var limits = EngineLimits()
        limits.inactivityMs = 1
        let settings = TestWorld.Settings(
            skipsTime: time == .automatic, patience: patience, limits: limits, crashes: crashes)
        do throws(StoreError) {
            world = try TestWorld(registered, nowMs: start.milliseconds, seed: seed, settings)
        } catch {
            throw UnusableTables(description: error.description)
        }
        crashes?.attach(self)
    }

    deinit { world.close() }

    /// Calls handlers by their types, as a route does.
    public var client: RepriseClient { RepriseClient(world.client) }

    // MARK: Time

    /// What the clock reads.
    public var now: Timestamp { Timestamp(milliseconds: world.clock.nowMs()) }

    /// Waits until nothing goes on by itself: every invocation has ended or waits, and no step is executing.
    ///
    /// - Throws: `TestStalled` when a step does not return.
    public func settle() async throws { try await world.settle() }

    /// Lets time pass, timer by timer; returns when everything that fell due has been done.
    ///
    /// - Parameter ignoringSteps: Time passes also while steps are executing; see what happens when one takes long.
    /// - Throws: `TestStalled` when a step does not return.
    public func advance(by duration: Duration, ignoringSteps: Bool = false) async throws {
        try await world.advance(byMs: duration.wholeMilliseconds, ignoringSteps: ignoringSteps)
    }

    /// Lets time pass until a moment; see `advance(by:ignoringSteps:)`.
    public func advance(to moment: Timestamp, ignoringSteps: Bool = false) async throws {
        try await advance(by: moment - now, ignoringSteps: ignoringSteps)
    }

    /// Time passes and every timer is late: nothing that falls due happens, until time passes again.
    public func drift(by duration: Duration) { world.clock.drift(byMs: duration.wholeMilliseconds) }

    // MARK: Failures

    /// Makes a step fail, the next time that it is executed. Faults of one step follow each other. Transactional steps
    /// fail in one way only, by an error that is retried.
    ///
    /// - Parameters:
    ///   - step: The name that `run` gets.
    ///   - service: Only in handlers of this service; nil is in all.
    public func inject(_ fault: StepFault, at step: String, in service: (any ServiceDefinition.Type)? = nil) {
        world.faults.add(fault, at: step, in: service?.name)
    }

    /// Takes back what was injected and has not happened.
    public func clearFaults() { world.faults.clear() }

    /// How many times the closures of steps with this name have been executed; injected failures, which keep them from
    /// it, do not count.
    public func executions(of step: String) -> Int { world.faults.executions(of: step) }

    /// The process is lost at once, and another one begins with what is on disk. Callers that wait go on to wait.
    ///
    /// - Parameter services: What the next process runs, such as the next version of the code; nil is the same.
    /// - Throws: `RegistrationError` or `UnusableTables`, and then nothing has happened.
    public func crash(replacing services: [any ServiceDefinition]? = nil) async throws {
        guard let services else { return await world.look { $0.crash() } }
        let registered = try ServiceRegistration(services, keepsTables: true).services
        let problem = await world.look { world -> String? in
            do throws(StoreError) {
                try world.crash(replacing: registered)
                return nil
            } catch {
                return error.description
            }
        }
        if let problem { throw UnusableTables(description: problem) }
    }
}

/// The tables of services cannot be made, or a query of a test is none.
public struct UnusableTables: Error, Sendable, CustomStringConvertible {
    /// Why.
    public let description: String
}
