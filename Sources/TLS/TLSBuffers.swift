internal import COpenSSL

/// Where OpenSSL reads and writes: memory that the connection lends and takes, without copies of its own. (OpenSSL's
/// own memory buffers never shrink: they would hold the largest read for as long as the connection lasts.)
final class TLSBuffers {
    /// Lent for the time of one call.
    var incoming = UnsafeRawBufferPointer(start: nil, count: 0)
    var outgoing: [UInt8] = []

    /// How OpenSSL calls us. Made once, never freed, and not changed once it is made: that is why it may be shared.
    private nonisolated(unsafe) static let method: OpaquePointer? = {
        let method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "reprise")
        BIO_meth_set_read(method) { bio, target, count in
            guard let bio, let target, count > 0, let buffers = TLSBuffers.behind(bio) else { return -1 }
            return buffers.give(to: target, Int(count), bio)
        }
        BIO_meth_set_write(method) { bio, source, count in
            guard let bio, let source, count > 0, let buffers = TLSBuffers.behind(bio) else { return -1 }
            reprise_bio_need_not_wait(bio)
            let bytes = UnsafeRawBufferPointer(start: source, count: Int(count))
            buffers.outgoing.append(contentsOf: bytes)
            return count
        }
        // Only to be flushed means anything here, and there is nothing to flush.
        BIO_meth_set_ctrl(method) { _, command, _, _ in command == BIO_CTRL_FLUSH ? 1 : 0 }
        return method
    }()

    /// For a session whose owner keeps these buffers at least as long.
    func makeBIO() -> OpaquePointer? {
        guard let bio = BIO_new(Self.method) else { return nil }
        BIO_set_data(bio, Unmanaged.passUnretained(self).toOpaque())
        BIO_set_init(bio, 1)
        return bio
    }

    private static func behind(_ bio: OpaquePointer) -> TLSBuffers? {
        BIO_get_data(bio).map { Unmanaged<TLSBuffers>.fromOpaque($0).takeUnretainedValue() }
    }

    private func give(to target: UnsafeMutablePointer<CChar>, _ count: Int, _ bio: OpaquePointer) -> Int32 {
        reprise_bio_need_not_wait(bio)
        let given = min(count, incoming.count)
        guard given > 0, let source = incoming.baseAddress else {
            reprise_bio_must_wait(bio)
            return -1
        }
        UnsafeMutableRawPointer(target).copyMemory(from: source, byteCount: given)
        incoming = UnsafeRawBufferPointer(rebasing: incoming[given...])
        return Int32(given)
    }
}
