import HTTPTransport
import HTTPWire
import Logging
import Reprise
import TLS

/// What stands before the two ports: read at the start, and again on demand.
final class Entrance: Sendable {
    private let access: ServerAccess
    private let ingressTokens: TokenFile?
    private let adminTokens: TokenFile?
    private let tls: TLSIdentity?

    init(_ configuration: ServerConfiguration) throws {
        access = configuration.access
        ingressTokens = try access.tokenFile.map { path throws(AccessError) in
            try TokenFile(path, option: "--auth-token-file")
        }
        adminTokens = try access.adminTokenFile.map { path throws(AccessError) in
            try TokenFile(path, option: "--admin-auth-token-file")
        }
        tls = try access.tls.map { files throws(TLSError) in
            try TLSIdentity(certificateFile: files.certificateFile, keyFile: files.keyFile)
        }
    }

    /// Whether callers of the ingress show tokens, which routes need not see then.
    var asksForTokens: Bool { ingressTokens != nil }

    /// Open without a token: health, and the routes that say so.
    func guardIngress(_ configuration: inout HTTPServerConfiguration, routes: RouteTable) {
        configuration.tls = tls
        guard let ingressTokens else { return }
        let doorkeeper = Doorkeeper(tokens: ingressTokens) { message in
            message.isRead && message.path == "/restate/health" || routes.isOpen(message)
        }
        configuration.admission = { doorkeeper.judge($0) }
    }

    /// Open without a token: health.
    func guardAdmin(_ configuration: inout HTTPServerConfiguration, _ address: ServerConfiguration.Address) {
        if !address.isLoopback { configuration.tls = tls }
        guard let adminTokens else { return }
        let doorkeeper = Doorkeeper(tokens: adminTokens) { $0.isRead && $0.path == "/health" }
        configuration.admission = { doorkeeper.judge($0) }
    }

    func reload(_ logger: Logger) {
        ingressTokens?.reload(logger)
        adminTokens?.reload(logger)
        reloadCertificate(logger)
        logWeaknesses(logger)
    }

    private func reloadCertificate(_ logger: Logger) {
        guard let tls else { return }
        do throws(TLSError) {
            try tls.reload()
            logger.notice("--tls-cert: the certificate was read again")
        } catch {
            logger.error("--tls-cert, --tls-key: \(error); the certificate read before stays in force")
        }
    }

    /// Says what weakens what was read.
    private func logWeaknesses(_ logger: Logger) {
        if let weakness = tls?.weakness { logger.warning("--tls-cert: \(weakness)") }
        ingressTokens?.logWeaknesses(logger)
        adminTokens?.logWeaknesses(logger)
    }

    /// The same, and what the addresses let in whom the operator may not mean to.
    func logWeaknesses(
        ingress: ServerConfiguration.Address, admin: ServerConfiguration.Address, _ logger: Logger
    ) {
        logWeaknesses(logger)
        if !ingress.isLoopback, ingressTokens == nil {
            logger.warning("everybody who reaches \(ingress) may call every handler: see --auth-token-file")
        }
        if !admin.isLoopback, adminTokens == nil {
            logger.warning("everybody who reaches \(admin) may read and steer everything: see --admin-auth-token-file")
        }
        if !ingress.isLoopback, ingressTokens != nil, tls == nil {
            logger.warning(
                "tokens reach \(ingress) in the clear, unless something before it speaks TLS: see --tls-cert")
        }
    }
}

extension HTTPMessage {
    fileprivate var isRead: Bool { method == "GET" || method == "HEAD" }
}

extension ServerConfiguration.Address {
    /// Nobody but programs of this machine gets there.
    var isLoopback: Bool { host == "localhost" || host == "::1" || host.hasPrefix("127.") }
}
