internal import COpenSSL

/// One TLS connection as a function of bytes: what the peer sent goes in, what is to be sent comes out, and so does
/// what was said. It holds no more than one record that is not complete. Touched by one thread at a time.
package final class TLSSession {
    /// How the reading of some bytes of the peer ended.
    package enum Reading: Equatable {
        /// Nothing more is complete.
        case wouldBlock
        /// The peer says that it will say nothing more.
        case finished
        /// What came is not TLS, or not what we agree to. What `takeOutgoing` gives then tells the peer why.
        case failed
    }

    private let ssl: OpaquePointer
    private let buffers = TLSBuffers()
    private var hasSaidGoodbye = false
    private var hasFailed = false

    /// Takes ownership.
    init(_ ssl: OpaquePointer) {
        self.ssl = ssl
        let bio = buffers.makeBIO()
        SSL_set_bio(ssl, bio, bio)
        SSL_set_accept_state(ssl)
    }

    deinit { SSL_free(ssl) }

    /// Whether a connection begins with a request in the clear: letters, where TLS has the number 22.
    package func looksLikeHTTP(_ firstBytes: UnsafeRawBufferPointer) -> Bool {
        guard SSL_in_before(ssl) == 1, let first = firstBytes.first else { return false }
        return (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(first)
    }

    package var isEstablished: Bool { SSL_is_init_finished(ssl) == 1 }

    /// Takes bytes of the peer, goes on with the handshake, and hands over what was said, piece by piece in `buffer`,
    /// as long as `isWanted` returns true.
    package func receive(
        _ ciphertext: UnsafeRawBufferPointer, through buffer: UnsafeMutableRawBufferPointer,
        _ isWanted: (UnsafeRawBufferPointer) -> Bool
    ) -> Reading {
        buffers.incoming = ciphertext
        defer { buffers.incoming = UnsafeRawBufferPointer(start: nil, count: 0) }
        while !hasFailed {
            ERR_clear_error()
            let count = SSL_read(ssl, buffer.baseAddress, Int32(clamping: buffer.count))
            if count > 0 {
                guard isWanted(UnsafeRawBufferPointer(rebasing: buffer[..<Int(count)])) else { return .wouldBlock }
                continue
            }
            switch SSL_get_error(ssl, count) {
            case SSL_ERROR_WANT_READ: return .wouldBlock
            case SSL_ERROR_ZERO_RETURN: return .finished
            default: hasFailed = true
            }
        }
        ERR_clear_error()
        return .failed
    }

    /// Encrypts; the bytes are in `takeOutgoing` then. False when the session is not established, or broken.
    package func write(_ bytes: [UInt8]) -> Bool {
        guard isEstablished, !hasFailed, !hasSaidGoodbye else { return false }
        guard !bytes.isEmpty else { return true }
        ERR_clear_error()
        buffers.outgoing.reserveCapacity(buffers.outgoing.count + bytes.count + bytes.count / 256 + 64)
        let isWritten = bytes.withUnsafeBytes { bytes in
            var written = 0
            while written < bytes.count {
                let rest = UnsafeRawBufferPointer(rebasing: bytes[written...])
                let count = SSL_write(ssl, rest.baseAddress, Int32(clamping: rest.count))
                guard count > 0 else { return false }
                written += Int(count)
            }
            return true
        }
        if !isWritten { hasFailed = true }
        return isWritten
    }

    /// Says that nothing more will be said; once, and only after a handshake.
    package func sayGoodbye() {
        guard isEstablished, !hasFailed, !hasSaidGoodbye else { return }
        hasSaidGoodbye = true
        ERR_clear_error()
        _ = SSL_shutdown(ssl)
    }

    /// What is to be sent to the peer.
    package func takeOutgoing() -> [UInt8] {
        guard !buffers.outgoing.isEmpty else { return [] }
        defer { buffers.outgoing = [] }
        return buffers.outgoing
    }
}
