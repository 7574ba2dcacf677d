import DurableModel
import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The one directory of a server, held by an exclusive lock until `release()`. Mode 0700: a directory of
/// ours that others may enter is closed to them, one of somebody else is refused.
final class DataDirectory: Sendable {
    let path: String
    private let lockDescriptor: Mutex<CInt?>

    init(_ path: String) throws(StoreError) {
        self.path = path
        try Self.create(path)
        try Self.makePrivate(path)
        lockDescriptor = Mutex(try Self.lock(path))
    }

    /// For those who only look: takes the lock, changes nothing else.
    init(existing path: String) throws(StoreError) {
        self.path = path
        lockDescriptor = Mutex(try Self.lock(path))
    }

    deinit { release() }

    /// Lets another server in. Nothing of the directory may be used afterwards.
    func release() {
        lockDescriptor.withLock { descriptor in
            guard let open = descriptor else { return }
            // Closing is not enough: a child that was forked and has not yet started its program has a copy.
            flock(open, LOCK_UN)
            close(open)
            descriptor = nil
        }
    }

    func file(_ name: String) -> String { "\(path)/\(name)" }

    enum Kind {
        case file, directory
    }

    static func kind(of path: String) throws(StoreError) -> Kind {
        var status = stat()
        guard stat(path, &status) == 0 else { throw unusable("cannot open \(path)") }
        return status.st_mode & S_IFMT == S_IFDIR ? .directory : .file
    }

    static func exists(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0
    }

    /// Bytes of a file, 0 if there is none. Never opens it: closing a descriptor of the database would drop the locks
    /// that SQLite holds on it.
    static func size(of path: String) -> Int64 {
        var status = stat()
        return stat(path, &status) == 0 ? Int64(status.st_size) : 0
    }

    /// Makes the entries of a directory durable: a file that was synced can still lose its name.
    static func sync(_ path: String) throws(StoreError) {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw unusable("cannot open the directory \(path)") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw unusable("cannot sync the directory \(path)") }
    }

    /// With what the operating system says about the call that failed last.
    static func unusable(_ sentence: String) -> StoreError {
        StoreError(.unusable, "\(sentence): \(String(cString: strerror(errno)))")
    }

    private static func create(_ path: String) throws(StoreError) {
        var status = stat()
        if stat(path, &status) == 0 {
            guard status.st_mode & S_IFMT == S_IFDIR else {
                throw StoreError(.unusable, "\(path) is not a directory")
            }
            return
        }
        let parent = Self.parent(of: path)
        if parent != path { try create(parent) }
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
            throw unusable("cannot create the data directory \(path)")
        }
        try sync(path)
        try sync(parent)
    }

    static func parent(of path: String) -> String {
        var parts = path.split(separator: "/", omittingEmptySubsequences: true)
        guard !parts.isEmpty else { return path }
        parts.removeLast()
        let isAbsolute = path.hasPrefix("/")
        if parts.isEmpty { return isAbsolute ? "/" : "." }
        return (isAbsolute ? "/" : "") + parts.joined(separator: "/")
    }

    private static func makePrivate(_ path: String) throws(StoreError) {
        var status = stat()
        guard stat(path, &status) == 0 else { throw unusable("cannot read the data directory \(path)") }
        guard status.st_uid == geteuid() else {
            throw StoreError(.unusable, "the data directory \(path) belongs to another user (\(status.st_uid))")
        }
        guard status.st_mode & 0o777 != 0o700 else { return }
        guard chmod(path, 0o700) == 0 else { throw unusable("cannot make the data directory \(path) private") }
    }

    private static func lock(_ path: String) throws(StoreError) -> CInt {
        let descriptor = open("\(path)/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw unusable("cannot open \(path)/lock") }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let isOwned = errno == EWOULDBLOCK
            let failure = unusable("cannot lock \(path)/lock")
            let owner = readOwner(descriptor)
            close(descriptor)
            throw isOwned
                ? StoreError(.owned, "the data directory \(path) is in use by another server\(owner)") : failure
        }
        // Only for the message above: an owner whose number cannot be written owns the directory all the same.
        let owner = "\(getpid())\n"
        ftruncate(descriptor, 0)
        _ = owner.utf8CString.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, owner.utf8.count, 0) }
        return descriptor
    }

    private static func readOwner(_ descriptor: CInt) -> String {
        var digits = [UInt8](repeating: 0, count: 20)
        let count = pread(descriptor, &digits, digits.count, 0)
        let text = String(decoding: digits.prefix(max(0, count)).prefix { (48...57).contains($0) }, as: UTF8.self)
        return text.isEmpty ? "" : " (process \(text))"
    }
}
