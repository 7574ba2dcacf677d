public import Reprise
import ServiceLifecycle

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
        self.routes = try RouteTable(routes, services: self.services)
        self.configuration = configuration
    }

    /// Recovers, listens, and returns while the server works.
    ///
    /// - Throws: an error whose description is one line: the data directory is owned by another server, cannot be used
    ///   or was written by a newer version, or an address cannot be listened on.
    public func start() async throws -> RunningServer {
        try await RunningServer(services, routes, configuration)
    }

    /// As `start`, until SIGTERM or SIGINT; then stops in order and returns.
    public func run() async throws {
        // Signals are taken before anything is opened, so that none can end the process half-way.
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [ServerLifecycle(server: self)], gracefulShutdownSignals: [.sigterm, .sigint],
                logger: configuration.logger))
        try await group.run()
    }
}

/// Ties a server to the process's signals.
private struct ServerLifecycle: ServiceLifecycle.Service {
    let server: RepriseServer

    func run() async throws {
        let running = try await server.start()
        try? await gracefulShutdown()
        await running.stop()
    }
}
