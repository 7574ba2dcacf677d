import ArgumentParser
import Foundation
import Logging
package import Reprise
import RepriseServer

/// The flags of `reprise serve` for any executable that is a server: its command holds them as an option group and
/// hands over what is to be served.
package struct ServeFlags: ParsableArguments {
    package static let discussion = """
        Every option can be given as an environment variable too: REPRISE_DATA_DIR, REPRISE_INGRESS, REPRISE_ADMIN,
        REPRISE_DRAIN_SECONDS, REPRISE_LOG_LEVEL, \(AccessFlags.variables), \(LimitFlags.variables). Options win.
        """

    @Option(help: "Where everything is kept; one server owns it at a time.")
    package var dataDir = Environment.value("REPRISE_DATA_DIR") ?? "./reprise-data"

    @Option(help: "HOST:PORT for callers.")
    var ingress = Environment.value("REPRISE_INGRESS") ?? "127.0.0.1:8080"

    @Option(help: "HOST:PORT for inspection and metrics.")
    var admin = Environment.value("REPRISE_ADMIN") ?? "127.0.0.1:9070"

    @Option(help: "Seconds that a stopping server waits for answers under way.")
    var drainSeconds = Environment.value("REPRISE_DRAIN_SECONDS") ?? "30"

    @Option(help: "trace, debug, info, notice, warning, error or critical.")
    var logLevel = Environment.value("REPRISE_LOG_LEVEL") ?? "info"

    @OptionGroup(title: "Access")
    var access: AccessFlags

    @OptionGroup(title: "Limits")
    var limits: LimitFlags

    package init() {}

    /// Runs a server until SIGTERM or SIGINT. `contents` is asked once the flags are known to be good and the log is
    /// set up. What goes wrong is printed in one line, and the process ends with 1.
    package func serve(
        _ contents: () throws -> (services: [any ServiceDefinition], routes: [Route])
    ) async throws {
        do {
            let configuration = try configuration()
            useAllDescriptors()
            let (services, routes) = try contents()
            let server = try RepriseServer(services: services, routes: routes, configuration: configuration)
            try await server.run()
        } catch {
            FileHandle.standardError.write(Data("reprise: \(error)\n".utf8))
            throw ExitCode(1)
        }
    }

    /// The usual soft limit of 1,024 open files is less than the connections that the server takes.
    private func useAllDescriptors() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    private func configuration() throws -> ServerConfiguration {
        guard let ingress = ServerConfiguration.Address(ingress) else {
            throw ConfigurationError("--ingress", ingress, "HOST:PORT such as 127.0.0.1:8080")
        }
        guard let admin = ServerConfiguration.Address(admin) else {
            throw ConfigurationError("--admin", admin, "HOST:PORT such as 127.0.0.1:9070")
        }
        guard let seconds = Int(drainSeconds), seconds >= 0 else {
            throw ConfigurationError("--drain-seconds", drainSeconds, "a number of seconds")
        }
        guard let level = Logger.Level(rawValue: logLevel) else {
            throw ConfigurationError("--log-level", logLevel, "one of \(Logger.Level.allCases.map(\.rawValue))")
        }
        LoggingSystem.bootstrap { _ in LineLogHandler(logLevel: level) }
        var configuration = ServerConfiguration(
            dataDirectory: dataDir, ingress: ingress, admin: admin, drain: .seconds(seconds))
        configuration.limits = try limits.limits()
        configuration.access = try access.access()
        return configuration
    }
}
