public import Logging

/// Where a server keeps its data and listens. Everything has a default that suits a laptop.
public struct ServerConfiguration: Sendable {
    /// A host name or address, and a port; port 0 takes any free one.
    public struct Address: Sendable, Hashable, CustomStringConvertible {
        public var host: String
        public var port: Int

        public init(host: String, port: Int) {
            self.host = host
            self.port = port
        }

        /// Reads `HOST:PORT`, `[V6]:PORT` or `:PORT`; nil for anything else.
        public init?(_ text: String) {
            guard let colon = text.lastIndex(of: ":") else { return nil }
            let digits = text[text.index(after: colon)...]
            // `UInt16` alone would take "+80".
            guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = UInt16(digits) else { return nil }
            var host = text[..<colon]
            if host.hasPrefix("["), host.hasSuffix("]") {
                host = host.dropFirst().dropLast()
            } else if host.contains(":") {
                return nil
            }
            self.init(host: host.isEmpty ? "127.0.0.1" : String(host), port: Int(port))
        }

        public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
    }

    /// One server owns it at a time; created with mode 0700 if missing.
    public var dataDirectory: String
    /// Where callers send their requests.
    public var ingress: Address
    /// Inspection and metrics; keep it away from the public.
    public var admin: Address
    /// How long a stopping server waits for answers and `run` closures that are under way.
    public var drain: Duration
    public var limits = ServerLimits()
    /// Who may call and look.
    public var access = ServerAccess()
    public var logger: Logger

    public init(
        dataDirectory: String = "./reprise-data", ingress: Address = Address(host: "127.0.0.1", port: 8080),
        admin: Address = Address(host: "127.0.0.1", port: 9070), drain: Duration = .seconds(30),
        logger: Logger = Logger(label: "reprise")
    ) {
        self.dataDirectory = dataDirectory
        self.ingress = ingress
        self.admin = admin
        self.drain = drain
        self.logger = logger
    }
}
