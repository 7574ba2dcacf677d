import DurableModel
import Glibc
import Synchronization

/// Names of new invocations, from the system's generator: ids and seeds must not be guessed. A system call for each
/// word would be a tenth of the work of taking a request.
final class SystemEntropy: Sendable {
    private let words = Mutex([UInt64]())

    func next() -> Entropy {
        words.withLock { words in
            if words.isEmpty { words = Self.fresh() }
            return Entropy(words.removeLast(), words.removeLast(), words.removeLast())
        }
    }

    /// As many as the system gives at once: 256 bytes.
    private static func fresh() -> [UInt64] {
        [UInt64](unsafeUninitializedCapacity: 30) { buffer, count in
            let bytes = UnsafeMutableRawBufferPointer(buffer)
            guard let start = bytes.baseAddress, getentropy(start, bytes.count) == 0 else {
                fatalError("the system gives no random numbers")
            }
            count = buffer.count
        }
    }
}
