import Dispatch
public import Reprise
import ServiceLifecycle

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A durable-execution server to embed: give it services and routes, and run it.
///
///     let server = try RepriseServer(services: [Ticket(), Checkout(gateway: gateway)])
///     try await server.run()
public struct RepriseServer: Sendable {
    private let services: [ErasedService]
    private let routes: RouteTable
    private let configuration: ServerConfiguration

    /// Checks names and routes; nothing is opened yet.
    ///
    /// - Throws: `RegistrationError` for names that are not allowed, duplicates, and routes that would hide a service.
    public init(
        services: [any ServiceDefinition], routes: [Route] = [],
        configuration: ServerConfiguration = ServerConfiguration()
    ) throws(RegistrationError) {
        self.services = try ServiceRegistration(services, keepsTables: true).services
        let origins = configuration.access.corsOrigins
        self.routes = try RouteTable(routes.map { $0.restricted(toOrigins: origins) }, services: self.services)
        self.configuration = configuration
    }

    /// Recovers, listens, and returns while the server works.
    ///
    /// - Throws: an error whose description is one line: the data directory is owned by another server, cannot be used
    ///   or was written by a newer version, or an address cannot be listened on.
    public func start() async throws -> RunningServer {
        try await RunningServer(services, routes, configuration)
    }

    /// As `start`, until SIGTERM or SIGINT; then stops in order and returns. SIGHUP reads token files and certificates
    /// again, if there are any.
    public func run() async throws {
        // Signals are taken before anything is opened, so that none can end the process half-way.
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [ServerLifecycle(server: self, reloads: configuration.hasReloadableFiles)],
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: configuration.logger))
        try await group.run()
    }
}

/// Ties a server to the process's signals.
private struct ServerLifecycle: ServiceLifecycle.Service {
    let server: RepriseServer
    let reloads: Bool

    func run() async throws {
        // A signal that comes too early must not end the process.
        if reloads { signal(SIGHUP, SIG_IGN) }
        let running = try await server.start()
        let source = reloads ? hangUps { running.reload() } : nil
        try? await gracefulShutdown()
        source?.cancel()
        await running.stop()
    }

    private func hangUps(_ reload: @escaping @Sendable () -> Void) -> any DispatchSourceSignal {
        let source = DispatchSource.makeSignalSource(signal: SIGHUP, queue: DispatchQueue(label: "reprise.reload"))
        source.setEventHandler(handler: reload)
        source.resume()
        return source
    }
}

extension ServerConfiguration {
    fileprivate var hasReloadableFiles: Bool {
        access.tokenFile != nil || access.adminTokenFile != nil || access.tls != nil
    }
}
