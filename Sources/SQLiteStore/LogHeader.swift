import DurableModel

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The beginning of SQLite's write-ahead log, read as the bytes it is
/// (https://www.sqlite.org/fileformat2.html#walformat).
/// SQLite holds no locks on this file that closing it could drop.
struct LogHeader {
    /// The salts: SQLite draws new ones when the log begins anew.
    struct Generation: Equatable, Sendable {
        var rawValue: UInt64
    }

    let generation: Generation
    private let isBigEndian: Bool
    private let pageBytes: Int
    private var sum: (UInt32, UInt32)
    private let file: LogFile

    private static let headerBytes = 32
    private static let frameHeaderBytes = 24

    enum Failure: Error {
        /// There is no log, or nothing in it.
        case empty
        case damaged
    }

    init(of database: String) throws(Failure) {
        guard let file = LogFile(database + "-wal"), file.byteCount > 0 else { throw .empty }
        guard let bytes = file.bytes(at: 0, Self.headerBytes) else { throw .damaged }
        let magic = Self.word(bytes, 0)
        guard magic & 0xffff_fffe == 0x377f_0682 else { throw .damaged }
        isBigEndian = magic & 1 == 1
        sum = Self.sum(bytes[..<24], (0, 0), isBigEndian)
        guard sum.0 == Self.word(bytes, 24), sum.1 == Self.word(bytes, 28) else { throw .damaged }
        pageBytes = Int(Self.word(bytes, 8))
        guard pageBytes >= 512, pageBytes <= 65536 else { throw .damaged }
        generation = Generation(rawValue: UInt64(Self.word(bytes, 16)) << 32 | UInt64(Self.word(bytes, 20)))
        self.file = file
    }

    /// Whether a transaction that SQLite would take from this log writes that page.
    func hasTransaction(writing page: UInt32) -> Bool {
        var sum = sum
        var offset = Self.headerBytes
        var isWritten = false
        while let frame = file.bytes(at: offset, Self.frameHeaderBytes + pageBytes) {
            let salts = UInt64(Self.word(frame, 8)) << 32 | UInt64(Self.word(frame, 12))
            guard salts == generation.rawValue else { return false }
            sum = Self.sum(frame[..<8], sum, isBigEndian)
            sum = Self.sum(frame[Self.frameHeaderBytes...], sum, isBigEndian)
            guard sum.0 == Self.word(frame, 16), sum.1 == Self.word(frame, 20) else { return false }
            if Self.word(frame, 0) == page { isWritten = true }
            // The last frame of a transaction has the size of the database.
            if isWritten, Self.word(frame, 4) != 0 { return true }
            offset += Self.frameHeaderBytes + pageBytes
        }
        return false
    }

    private static func word(_ bytes: Bytes, _ place: Int) -> UInt32 { word(bytes[...], place, isBigEndian: true) }

    private static func word(_ bytes: ArraySlice<UInt8>, _ place: Int, isBigEndian: Bool) -> UInt32 {
        var value: UInt32 = 0
        for offset in 0..<4 {
            value = value << 8 | UInt32(bytes[bytes.startIndex + place + (isBigEndian ? offset : 3 - offset)])
        }
        return value
    }

    private static func sum(
        _ bytes: ArraySlice<UInt8>, _ start: (UInt32, UInt32), _ isBigEndian: Bool
    ) -> (UInt32, UInt32) {
        var (a, b) = start
        for place in stride(from: 0, to: bytes.count, by: 8) {
            a = a &+ word(bytes, place, isBigEndian: isBigEndian) &+ b
            b = b &+ word(bytes, place + 4, isBigEndian: isBigEndian) &+ a
        }
        return (a, b)
    }
}

/// A file that is only read.
private final class LogFile {
    let byteCount: Int
    private let descriptor: CInt

    /// nil when there is none.
    init?(_ path: String) {
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        var status = stat()
        byteCount = fstat(descriptor, &status) == 0 ? Int(status.st_size) : 0
    }

    deinit { close(descriptor) }

    /// nil when the file ends before.
    func bytes(at offset: Int, _ count: Int) -> Bytes? {
        var bytes = Bytes(repeating: 0, count: count)
        return pread(descriptor, &bytes, count, off_t(offset)) == count ? bytes : nil
    }
}
