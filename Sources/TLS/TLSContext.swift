internal import COpenSSL

/// A certificate with its key and the rules by which sessions are made: TLS 1.2 and 1.3, forward secrecy only, no
/// renegotiation, no early data (it could be replayed), sessions resumed by tickets.
///
/// `@unchecked Sendable`: nothing changes the `SSL_CTX` once `init` is through; OpenSSL counts its references and keeps
/// its ticket keys under locks of its own.
final class TLSContext: @unchecked Sendable {
    private let pointer: OpaquePointer

    /// RFC 7525 and Mozilla's "intermediate": AEAD with ephemeral keys. TLS 1.3 has no others.
    private static let ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20"
    private static let groups = "X25519:P-256:P-384"

    /// - Throws: when a file cannot be read, is not what it should be, or the two do not fit.
    init(certificateFile: String, keyFile: String) throws(TLSError) {
        ERR_clear_error()
        guard let context = SSL_CTX_new(TLS_server_method()) else {
            throw .fromLibrary("OpenSSL gives no context")
        }
        pointer = context
        try setRules()
        guard SSL_CTX_use_certificate_chain_file(context, certificateFile) == 1 else {
            throw .fromLibrary("'\(certificateFile)' is no certificate chain in PEM form, server's first")
        }
        // Without this OpenSSL asks on the terminal for a passphrase.
        SSL_CTX_set_default_passwd_cb(context) { _, _, _, _ in 0 }
        guard SSL_CTX_use_PrivateKey_file(context, keyFile, SSL_FILETYPE_PEM) == 1 else {
            throw .fromLibrary(
                "'\(keyFile)' is no private key in PEM form without a passphrase, or not the certificate's")
        }
        guard SSL_CTX_check_private_key(context) == 1 else {
            throw .fromLibrary("the key in '\(keyFile)' is not that of the certificate in '\(certificateFile)'")
        }
    }

    deinit { SSL_CTX_free(pointer) }

    /// nil when there is no memory.
    func makeSession() -> TLSSession? { SSL_new(pointer).map(TLSSession.init) }

    /// Why clients will refuse the certificate; nil when it is valid now.
    var weakness: String? {
        guard let certificate = SSL_CTX_get0_certificate(pointer) else { return nil }
        if X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0 { return "the certificate has expired" }
        if X509_cmp_current_time(X509_get0_notBefore(certificate)) > 0 { return "the certificate is not valid yet" }
        return nil
    }

    private func setRules() throws(TLSError) {
        guard reprise_set_versions(pointer, TLS1_2_VERSION, TLS1_3_VERSION) == 1,
            SSL_CTX_set_cipher_list(pointer, Self.ciphers) == 1, reprise_set_groups(pointer, Self.groups) == 1
        else { throw .fromLibrary("OpenSSL does not take our versions and ciphers") }
        reprise_set_options(pointer)
        reprise_set_modes(pointer)
        // Tickets keep what is to be kept with the client.
        reprise_set_cache_mode(pointer, SSL_SESS_CACHE_OFF)
        let id = Array("reprise".utf8)
        SSL_CTX_set_session_id_context(pointer, id, UInt32(id.count))
        SSL_CTX_set_alpn_select_cb(pointer, ApplicationProtocol.select, nil)
    }
}
