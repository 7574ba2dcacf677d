import DurableModel
import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The file that says up to which commit the log may have been carried into the database.
///
/// A checkpoint copies pages from the log over those of the database. What is left after a kill is whole only together
/// with the log. If the log then loses its end, or a bit in its middle, SQLite takes what precedes the damage for all
/// there is, lays it over pages that are newer, and the result is a mixture of two states that no check of the file
/// need reveal. So before anything is carried over, the number of the last commit that may go is put down here, and
/// the opening compares.
final class CheckpointMark: Sendable {
    static let name = "checkpoint"

    /// What is put down.
    struct Content: Equatable {
        /// The last commit that was carried over, or may have been.
        var commit: Int64
        /// The generation of the log that holds it: SQLite begins a new one only when all of the old is carried over.
        var log: LogHeader.Generation
        /// All of the log was carried over and synced.
        var isComplete: Bool
    }

    private let path: String
    private let descriptor: CInt
    private let content: Mutex<Content?>

    init(in directory: DataDirectory) throws(StoreError) {
        path = directory.file(Self.name)
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw DataDirectory.unusable("cannot open \(path)") }
        content = Mutex(Self.read(descriptor))
    }

    deinit { close(descriptor) }

    /// Before anything is carried over; durable on return.
    ///
    /// Nothing is put down when all up to that commit is in the database already. The log then holds none of it, once
    /// it has begun anew: a kill before its first transaction is whole would look like the loss of what was carried.
    func begin(_ commit: Int64, of log: LogHeader.Generation) throws(StoreError) {
        try content.withLock { content throws(StoreError) in
            if let content, content.commit == commit, content.log == log || content.isComplete { return }
            let next = Content(commit: commit, log: log, isComplete: false)
            try write(next)
            guard fdatasync(descriptor) == 0 else { throw failure() }
            content = next
        }
    }

    /// After all of the log up to that commit was carried over and synced. Need not be durable before the log begins
    /// anew: after a loss of power the new log shows that it did. `isDurable` is for those who remove the log.
    func complete(_ commit: Int64, isDurable: Bool) throws(StoreError) {
        try content.withLock { content throws(StoreError) in
            guard var next = content, next.commit == commit else { return }
            next.isComplete = true
            if next != content { try write(next) }
            guard !isDurable || fdatasync(descriptor) == 0 else { throw failure() }
            content = next
        }
    }

    private func write(_ content: Content) throws(StoreError) {
        let line = content.line
        guard pwrite(descriptor, line, line.count, 0) == line.count else { throw failure() }
    }

    private func failure() -> StoreError {
        if errno == ENOSPC { return StoreError(.full, "no room on the disk for \(path)") }
        return DataDirectory.unusable("cannot write \(path)")
    }

    /// nil when nothing was ever carried over.
    static func read(in directory: String) throws(StoreError) -> Content? {
        let descriptor = open("\(directory)/\(name)", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw DataDirectory.unusable("cannot open \(directory)/\(name)")
        }
        defer { close(descriptor) }
        return read(descriptor)
    }

    private static func read(_ descriptor: CInt) -> Content? {
        var bytes = [UInt8](repeating: 0, count: 128)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        return Content(line: bytes.prefix(max(0, count)))
    }
}

extension CheckpointMark.Content {
    /// Numbers of fixed width, so that nothing is left of an earlier line: commit, generation, 1 if complete.
    fileprivate var line: [UInt8] {
        let numbers = [UInt64(bitPattern: commit), log.rawValue, isComplete ? 1 : 0]
        let words = numbers.map { number in
            let digits = String(number)
            return String(repeating: "0", count: max(0, 20 - digits.count)) + digits
        }
        return Array((words.joined(separator: " ") + "\n").utf8)
    }

    fileprivate init?(line: ArraySlice<UInt8>) {
        let words = line.split(separator: 0x0a, maxSplits: 1).first?.split(separator: 0x20) ?? []
        let numbers = words.compactMap { UInt64(String(decoding: $0, as: UTF8.self)) }
        guard words.count == 3, numbers.count == 3 else { return nil }
        self.init(
            commit: Int64(bitPattern: numbers[0]), log: LogHeader.Generation(rawValue: numbers[1]),
            isComplete: numbers[2] == 1)
    }
}
