import Dispatch
import DurableModel
import EngineCore
import HTTPTransport
import HTTPWire
import Ingress
import Logging
public import Reprise
import Runtime
import SQLiteStore
import Synchronization

/// A server at work. Stop it before the process ends, or let the next start recover what it was doing.
public final class RunningServer: Sendable {
    /// Where it listens, with the ports that were really taken.
    public let ingressAddress: ServerConfiguration.Address
    public let adminAddress: ServerConfiguration.Address
    /// Calls, sends and attaches from the embedding program.
    public let client: RepriseClient

    private let storage: Storage
    private let executor: SerialThread
    private let runtime: Runtime
    private let watchdog: EngineWatchdog
    private let ingressServer: HTTPServer
    private let adminServer: HTTPServer
    private let entrance: Entrance
    private let heartbeat: Heartbeat
    private let overload: OverloadGuard
    private let configuration: ServerConfiguration

    init(_ services: [ErasedService], _ routes: RouteTable, _ configuration: ServerConfiguration) async throws {
        self.configuration = configuration
        let logger = configuration.logger
        let entrance = try Entrance(configuration)
        self.entrance = entrance
        let registry = Registry(services)
        let storage = try Storage(configuration, tables: registry.tables)
        let executor = SerialThread(name: "reprise-engine")
        let feed = EventFeed(
            EventFeed.Epoch(after: storage.recovered), limits: EventFeed.Limits(configuration.limits))
        let runtime = Runtime(
            registry: registry, limits: EngineLimits(configuration.limits),
            parts: Runtime.Parts(
                executor: executor, closures: ClosurePool(),
                effects: DispatchWorkQueue(label: "reprise.effects"), storage: storage.driver, clock: WallClock(),
                entropy: { [names = SystemEntropy()] in names.next() }, logger: logger,
                publish: { feed.publish(topic: $0.topic, data: $0.data) }))
        client = RepriseClient(runtime, storage)
        let overload = OverloadGuard(limits: OverloadGuard.Limits(configuration.limits))
        self.overload = overload
        let endpoint = IngressEndpoint(
            catalog: registry.catalog, origins: configuration.access.corsOrigins, runtime: runtime,
            storage: storage.driver,
            routes: RouteEndpoint(
                table: routes, client: client, feed: feed, hidesCredentials: entrance.asksForTokens, logger: logger),
            overload: overload)
        var ingressPort = HTTPServerConfiguration(ingressOf: configuration)
        ingressPort.refusalForm = { endpoint.reply(to: $0) }
        entrance.guardIngress(&ingressPort, routes: routes)
        ingressServer = HTTPServer(ingressPort) { endpoint.handle($0, $1) }
        self.executor = executor
        do {
            ingressAddress = configuration.ingress.with(port: try ingressServer.start())
        } catch {
            executor.stop()
            storage.close(logger: logger)
            throw error
        }
        let watchdog = EngineWatchdog(runtime: runtime, limit: configuration.limits.stuckAfter) { serial, duration in
            storage.logStuckEngine(serial, duration, logger)
        }
        self.watchdog = watchdog
        let admin = AdminEndpoint(
            storage: storage, runtime: runtime, watchdog: watchdog, requests: endpoint.counts,
            ingressServer: ingressServer, ingress: ingressAddress, address: configuration.admin,
            hostNames: configuration.access.adminHostNames)
        var adminPort = HTTPServerConfiguration(adminOf: configuration)
        entrance.guardAdmin(&adminPort, configuration.admin)
        adminServer = HTTPServer(adminPort) { admin.handle($0, $1) }
        self.storage = storage
        self.runtime = runtime
        do {
            adminAddress = configuration.admin.with(port: try adminServer.start())
        } catch {
            await ingressServer.drain(timeoutMs: 0)
            executor.stop()
            storage.close(logger: logger)
            throw error
        }
        await withCheckedContinuation { continuation in
            runtime.start(from: storage.recovered) { continuation.resume() }
        }
        heartbeat = Heartbeat { feed.beat() }
        endpoint.becomeReady()
        overload.start { [ingressServer] returned in
            ingressServer.pass { runtime.countClosures { _ in returned() } }
        }
        logger.notice("ingress listening on \(ingressAddress)")
        logger.notice("admin listening on \(adminAddress)")
        entrance.logWeaknesses(ingress: ingressAddress, admin: adminAddress, logger)
    }

    /// Reads token files, certificate and key again. What cannot be used is logged, and what was read before stays in
    /// force.
    public func reload() { entrance.reload(configuration.logger) }

    /// Stops accepting, lets answers and closures under way finish within the drain time, commits and closes.
    /// Invocations that have not ended go on after the next start.
    public func stop() async {
        let deadline = ContinuousClock.now + configuration.drain
        watchdog.stop()
        overload.stop()
        heartbeat.stop()
        await ingressServer.drain(timeoutMs: Int(configuration.drain / .milliseconds(1)))
        await closuresEnd(before: deadline)
        let isCommitted = await runtimeStops()
        await adminServer.drain(timeoutMs: 1_000)
        executor.stop()
        guard isCommitted else {
            configuration.logger.error(
                "stopped without the last commit, which the disk does not take; nothing that was answered is lost")
            return
        }
        storage.close(logger: configuration.logger)
        configuration.logger.notice("stopped")
    }

    /// False when the disk takes the last commit not even within the drain time: then there is nothing to wait for.
    private func runtimeStops() async -> Bool {
        await withCheckedContinuation { continuation in
            let answer = FirstAnswer<Bool> { continuation.resume(returning: $0) }
            runtime.stop { answer.give(true) }
            let bound = DispatchTimeInterval.milliseconds(max(1_000, Int(configuration.drain / .milliseconds(1))))
            DispatchQueue.global().asyncAfter(deadline: .now() + bound) { answer.give(false) }
        }
    }

    private func closuresEnd(before deadline: ContinuousClock.Instant) async {
        while ContinuousClock.now < deadline {
            // An engine that is stuck does not answer, and the drain time has an end all the same.
            let isQuiet = await withCheckedContinuation { continuation in
                let answer = FirstAnswer<Bool> { continuation.resume(returning: $0) }
                runtime.countClosures { answer.give($0 == 0) }
                DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(1)) { answer.give(false) }
            }
            if isQuiet { return }
            try? await Task.sleep(for: .milliseconds(10))
        }
    }
}

extension HTTPServerConfiguration {
    fileprivate init(ingressOf configuration: ServerConfiguration) {
        self.init(host: configuration.ingress.host, port: configuration.ingress.port)
        apply(configuration.limits)
        connectionsMax = Descriptors.bounded(configuration.limits.connectionsMax, logger: configuration.logger)
    }

    fileprivate init(adminOf configuration: ServerConfiguration) {
        self.init(host: configuration.admin.host, port: configuration.admin.port)
        connectionsMax = Descriptors.adminConnectionsMax
        // It takes no bodies.
        limits.bodyBytesMax = 1 << 20
    }
}

extension ServerConfiguration.Address {
    fileprivate func with(port: Int) -> Self { Self(host: host, port: port) }
}

extension RepriseClient {
    fileprivate init(_ runtime: Runtime, _ storage: Storage) {
        self.init(
            CommandClient { command in
                if case .stuck(let reason) = storage.driver.health { return .refused(.stuck(reason)) }
                return await withCheckedContinuation { continuation in
                    runtime.submit(command) { continuation.resume(returning: $0) }
                }
            })
    }
}
