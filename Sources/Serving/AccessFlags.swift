import ArgumentParser
import RepriseServer

/// Who may use the server.
struct AccessFlags: ParsableArguments {
    static let variables = """
        REPRISE_AUTH_TOKEN_FILE, REPRISE_ADMIN_AUTH_TOKEN_FILE, REPRISE_TLS_CERT, REPRISE_TLS_KEY, REPRISE_CORS_ORIGIN
        and REPRISE_ADMIN_HOST (the last two are lists with commas)
        """

    @Option(help: "A file of bearer tokens, one a line; callers must show one. SIGHUP reads it again.")
    var authTokenFile: String?

    @Option(help: "The same for the admin port.")
    var adminAuthTokenFile: String?

    @Option(parsing: .singleValue, help: "An origin whose pages may call, such as https://shop.example; unset: any.")
    var corsOrigin = Environment.list("REPRISE_CORS_ORIGIN")

    @Option(parsing: .singleValue, help: "A name, beside localhost and addresses, for the admin port.")
    var adminHost = Environment.list("REPRISE_ADMIN_HOST")

    @Option(help: "A certificate chain in PEM form: the ingress speaks TLS, as does an admin port not on loopback.")
    var tlsCert: String?

    @Option(help: "The certificate's key in PEM form, without a passphrase. SIGHUP reads both again.")
    var tlsKey: String?

    func access() throws -> ServerAccess {
        var access = ServerAccess()
        access.tokenFile = authTokenFile ?? Environment.value("REPRISE_AUTH_TOKEN_FILE")
        access.adminTokenFile = adminAuthTokenFile ?? Environment.value("REPRISE_ADMIN_AUTH_TOKEN_FILE")
        access.tls = try tlsFiles()
        access.adminHostNames = try adminHost.map { name in
            guard !name.isEmpty, name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x3A && $0 != 0x2F }) else {
                throw ConfigurationError("--admin-host", name, "a name without port, such as reprise.internal")
            }
            return name.lowercased()
        }
        if !corsOrigin.isEmpty, !corsOrigin.contains("*") {
            access.corsOrigins = try corsOrigin.map { origin in
                guard Self.isOrigin(origin) else {
                    throw ConfigurationError("--cors-origin", origin, "an origin such as https://shop.example, or *")
                }
                return origin
            }
        }
        return access
    }

    private func tlsFiles() throws -> TLSFiles? {
        let certificate = tlsCert ?? Environment.value("REPRISE_TLS_CERT")
        let key = tlsKey ?? Environment.value("REPRISE_TLS_KEY")
        switch (certificate, key) {
        case (nil, nil): return nil
        case (let certificate?, let key?): return TLSFiles(certificateFile: certificate, keyFile: key)
        case (let certificate?, nil):
            throw ConfigurationError("--tls-cert", certificate, "enough: --tls-key names the key that belongs to it")
        case (nil, let key?):
            throw ConfigurationError("--tls-key", key, "enough: --tls-cert names the certificate that belongs to it")
        }
    }

    /// Scheme, host and perhaps a port, as browsers send it: in lower case, nothing behind it.
    private static func isOrigin(_ text: String) -> Bool {
        guard let scheme = ["https://", "http://"].first(where: text.hasPrefix) else { return false }
        let authority = text.dropFirst(scheme.count)
        return !authority.isEmpty && authority == authority.lowercased()
            && authority.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"/?#@,".utf8.contains($0) }
    }
}
