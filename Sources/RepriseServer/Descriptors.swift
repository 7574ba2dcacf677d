import HTTPTransport
import Logging

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The process's files and sockets, of which there are only so many.
enum Descriptors {
    /// For the database, its log and whatever handlers open.
    private static let reserve = 128

    /// So many connections at most that the rest of the server still has descriptors, whoever connects.
    static func bounded(_ connectionsMax: Int, logger: Logger) -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return connectionsMax }
        let room = Int(clamping: limit.rlim_cur) - reserve - adminConnectionsMax - turnedAwayMax
        guard connectionsMax > room else { return connectionsMax }
        let bounded = max(room, 16)
        logger.warning(
            "takes \(bounded) connections, not \(connectionsMax): the process may open \(limit.rlim_cur) files")
        return bounded
    }

    static let adminConnectionsMax = 256
    private static let turnedAwayMax = 128
}
