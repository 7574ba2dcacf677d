import Glibc

/// Files and sockets that this process may open. Servers started by it inherit the limit.
enum DescriptorLimit {
    /// The usual soft limit is 1,024, which is far less than the connections that some measurements need. Raises it to
    /// the hard one, as the server does for itself, and returns it.
    @discardableResult
    static func raise() -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1_024 }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return Int(clamping: limit.rlim_cur)
    }
}
