/// The host part of a `Host` header.
enum HostName {
    /// In lower case; an IPv6 address keeps its brackets.
    static func withoutPort(_ host: String) -> String {
        let lowercased = host.lowercased()
        if lowercased.hasPrefix("["), let end = lowercased.firstIndex(of: "]") { return String(lowercased[...end]) }
        return String(lowercased.prefix { $0 != ":" })
    }

    /// Nobody can let these point elsewhere: the loopback name, and addresses as numbers.
    static func isFixed(_ name: String) -> Bool {
        if name == "localhost" || name.hasPrefix("[") && name.hasSuffix("]") { return true }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4
            && parts.allSatisfy { (1...3).contains($0.utf8.count) && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }
    }
}
