/// Who may use a server over the network. The default asks nobody who they are, which suits the loopback interface.
public struct ServerAccess: Sendable, Hashable {
    /// A file of bearer tokens, one a line, of which callers of the ingress must show one. Lines that are empty or
    /// begin with `#` do not count. nil: everybody may call. Read again by `RunningServer.reload()`.
    public var tokenFile: String?
    /// The same for the admin port; the two may be one file.
    public var adminTokenFile: String?
    /// Origins whose pages may call the ingress, such as `https://shop.example`, exactly as browsers send them. nil:
    /// any. Routes with a policy of their own are restricted to these too.
    public var corsOrigins: [String]?
    /// Names under which the admin port may be addressed beside `localhost`, its own address and IP addresses. Others
    /// are refused: a page that lets its name point to this machine cannot get in that way.
    public var adminHostNames: [String] = []

    /// What the ingress speaks TLS with, and the admin port too unless it listens on the loopback interface. nil: plain
    /// HTTP. Read again by `RunningServer.reload()`.
    public var tls: TLSFiles?

    public init() {}
}

/// A certificate and its key, both in PEM form.
public struct TLSFiles: Sendable, Hashable {
    /// The server's certificate, followed by those that lead from it to one that clients know.
    public var certificateFile: String
    /// Without a passphrase.
    public var keyFile: String

    public init(certificateFile: String, keyFile: String) {
        self.certificateFile = certificateFile
        self.keyFile = keyFile
    }
}

/// What is wrong with a file or option that says who may use the server. Never holds any part of a token.
struct AccessError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
