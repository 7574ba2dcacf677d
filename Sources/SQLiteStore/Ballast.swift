#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Room that is given back when the disk is full, so that what makes room (a checkpoint, retention) has air: on a
/// full disk even a DELETE fails.
struct Ballast: Sendable {
    let path: String
    let byteCount: Int64

    var isWhole: Bool { byteCount == 0 || DataDirectory.size(of: path) == byteCount }

    /// Creates the file again if it is missing and there is ample room. Failing to is no failure of the store.
    func restore() {
        guard !isWhole, freeBytes >= 2 * byteCount else { return }
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        #if canImport(Glibc)
        let isAllocated = posix_fallocate(descriptor, 0, off_t(byteCount)) == 0
        #else
        let zeros = [UInt8](repeating: 0, count: Int(byteCount))
        let isAllocated = write(descriptor, zeros, zeros.count) == zeros.count
        #endif
        if !isAllocated { drop() }
    }

    func drop() { unlink(path) }

    /// Before a start: without any room not even the opening succeeds.
    func dropIfScarce() {
        if freeBytes < Self.scarceBytes { drop() }
    }

    private static let scarceBytes: Int64 = 1 << 20

    private var freeBytes: Int64 {
        var status = statvfs()
        guard statvfs(directory, &status) == 0 else { return 0 }
        return Int64(clamping: UInt64(status.f_bavail) * UInt64(status.f_frsize))
    }

    private var directory: String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
