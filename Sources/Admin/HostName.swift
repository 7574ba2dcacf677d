/// The host part of a `Host` header.
enum HostName {
    /// In lower case; an IPv6 address keeps its brackets.
    static func withoutPort(_ host: String) -> String {
        let lowercased = host.lowercased()
        if lowercased.hasPrefix("["), let end = lowercased.firstIndex(of: "]") { return String(lowercased[...end]) }
        return String(lowercased.prefix { $0 != ":" })
    }

    static func isLoopback(_ name: String) -> Bool {
        name == "localhost" || name == "127.0.0.1" || name == "[::1]"
    }
}
